import { parseQuorumConfig, type QuorumConfig } from '@vivarium/core'
import { type ConfigValues, createServerConfig, type ServerConfig } from '@vivarium/server'
import type { SeededRandom } from '../random.ts'

export const CLIENT_PORT = 2181
export const DATA_DIRECTORY = '/data/version-2'

/** How many servers there are: one that stands alone, or an ensemble of voters and observers. */
export interface Size {
  readonly voters: number
  readonly observers: number
}

export const STANDALONE: Size = { voters: 1, observers: 0 }

/** Three voters most of the time, where every failure counts most. */
export function randomEnsemble(random: SeededRandom): Size {
  return random.weighted<Size>([
    [6, { voters: 3, observers: 0 }],
    [2, { voters: 5, observers: 0 }],
    [1, { voters: 4, observers: 0 }],
    [2, { voters: 3, observers: 1 }],
    [1, { voters: 3, observers: 2 }],
  ])
}

export function addressOf(sid: number): string {
  return `10.0.0.${sid}`
}

/** What each server is told: small limits, so that what is rare in production happens many times a minute. */
export function randomConfigs(random: SeededRandom, { voters, observers }: Size): ServerConfig[] {
  const count = voters + observers
  const common: ConfigValues = {
    dataDir: '/data',
    clientPort: CLIENT_PORT,
    tickTimeMs: random.pick([200, 500, 1000, 2000]),
    maxClientCnxns: 0,
    containerCheckIntervalMs: 2000,
    digestEnabled: random.chance(0.9),
    ...(count === 1 ? {} : randomEnsembleValues(random, voters, count)),
  }
  return Array.from({ length: count }, () => createServerConfig({ ...common, ...randomOwnValues(random) }))
}

/** Another configuration that the same server may be given: all that need not be the same as before, or elsewhere. */
export function otherConfig(config: ServerConfig, random: SeededRandom): ServerConfig {
  const ensemble = config.ensemble === null ? {} : { initLimit: random.int(5, 10), syncLimit: random.int(2, 5) }
  return createServerConfig({ ...config, ...randomOwnValues(random), ...ensemble })
}

/** What every member of an ensemble has to be told alike. */
function randomEnsembleValues(random: SeededRandom, voters: number, count: number): ConfigValues {
  const line = (sid: number): string =>
    `server.${sid}=${addressOf(sid)}:2888:3888:${sid > voters ? 'observer' : 'participant'}`
  const lines = Array.from({ length: count }, (_, index) => line(index + 1))
  return {
    ensemble: parseQuorumConfig(lines.join('\n')) as QuorumConfig,
    initLimit: random.int(5, 10),
    syncLimit: random.int(2, 5),
    maxNotificationIntervalMs: random.pick([1000, 5000, 60_000]),
    observerElectionDelayMs: 200,
  }
}

/** What may differ from server to server. */
function randomOwnValues(random: SeededRandom): ConfigValues {
  return {
    snapCount: random.pick([10, 30, 100, 400]),
    preAllocSizeBytes: random.weighted([
      [1, 0],
      [4, 65_536],
      [1, 3 << 20],
    ]),
    txnLogSizeLimitBytes: random.pick([-1, -1, 4096, 20_000]),
    flushDelayMs: random.pick([0, 0, 0, 2]),
    globalOutstandingLimit: random.pick([2, 20, 1000]),
    snapshotCompression: random.pick(['', '', 'snappy'] as const),
    // Without it a snapshot that is taken while sessions end can miss what that did to parents (ZOOKEEPER-3145).
    closeSessionTxnEnabled: true,
    serializeLastProcessedZxid: random.chance(0.8),
    // From where a leader sends learners what they lack: never from its log, or a snapshot at any rate.
    snapshotSizeFactor: random.pick([0.33, 0.33, -1]),
    forceSnapshotSync: random.chance(0.1),
  }
}
