import { parseQuorumConfig, type QuorumConfig } from '@vivarium/core'
import { digestId } from '@vivarium/protocol'
import { type ConfigValues, createServerConfig, type ServerConfig } from '@vivarium/server'
import type { SeededRandom } from '../random.ts'

export const CLIENT_PORT = 2181
export const DATA_DIRECTORY = '/data/version-2'
/** Where the word of an oracle stands, on the disk of each of two voters. */
export const ORACLE_DIRECTORY = '/oracle'
export const ORACLE_FILE = 'word'
/** Who may change the members: `user:password`. */
export const ADMINISTRATOR = 'super:secret'

/** How many servers there are: one that stands alone, or an ensemble of voters and observers. */
export interface Size {
  readonly voters: number
  readonly observers: number
  /** Servers that are there from the beginning and have yet to join. */
  readonly joiners: number
  /** Whether the members can be changed while it runs. */
  readonly changes: boolean
  /** Lines of groups and weights, where it is not the majority of voters that is a quorum. */
  readonly groups: readonly string[]
  /** Whether sessions stay with the server that they began on. */
  readonly localSessions: boolean
  /** Whether these are made known to all where they need to be; otherwise they are refused what needs that. */
  readonly upgrading: boolean
  /** Whether an oracle lets one of two voters go on without the other. */
  readonly oracle: boolean
  /** Whether members that are cut off answer those who only read. */
  readonly readOnly: boolean
  /** How many networks connect the servers, each with an address on every one. */
  readonly networks: 1 | 2
}

export const STANDALONE: Size = {
  voters: 1,
  observers: 0,
  joiners: 0,
  changes: false,
  groups: [],
  localSessions: false,
  upgrading: false,
  oracle: false,
  readOnly: false,
  networks: 1,
}

/** Two voters, of which an oracle lets one go on alone. */
export const PAIR: Partial<Size> = { voters: 2, observers: 0, joiners: 0, changes: false, groups: [], oracle: true }

/** Most of the time one where a majority decides, and now and then two voters that have an oracle to ask. */
export function randomEnsemble(random: SeededRandom): Size {
  const size = randomMajority(random)
  return random.fork('oracle').chance(0.1) ? { ...size, ...PAIR, observers: random.fork('pair').int(0, 1) } : size
}

/** Three voters most of the time, where every failure counts most. */
export function randomMajority(random: SeededRandom): Size {
  const [voters, observers] = random.weighted<readonly [voters: number, observers: number]>([
    [6, [3, 0]],
    [2, [5, 0]],
    [1, [4, 0]],
    [2, [3, 1]],
    [1, [3, 2]],
  ])
  const changes = random.chance(0.35)
  const joiners = changes ? random.int(0, 2) : 0
  const groups = changes ? [] : randomGroups(random.fork('groups'), voters)
  const localSessions = random.chance(0.15)
  const upgrading = localSessions && random.chance(0.6)
  const readOnly = random.fork('read only').chance(0.2)
  const networks = !changes && random.fork('networks').chance(0.15) ? 2 : 1
  return { voters, observers, joiners, changes, groups, localSessions, upgrading, oracle: false, readOnly, networks }
}

/** Where members change, they are counted. */
function randomGroups(random: SeededRandom, voters: number): readonly string[] {
  if (random.chance(0.8)) return []
  const sids = Array.from({ length: voters }, (_, index) => index + 1)
  const middle = random.int(1, voters - 1)
  const groups = random.chance(0.5) ? [sids] : [sids.slice(0, middle), sids.slice(middle)]
  // Who has no weight neither votes nor leads.
  const weights = sids.map((sid) => `weight.${sid}=${random.pick([0, 1, 1, 2])}`)
  const anyWeight = weights.some((line) => !line.endsWith('=0'))
  return [...groups.map((group, index) => `group.${index + 1}=${group.join(':')}`), ...(anyWeight ? weights : [])]
}

export function addressOf(sid: number): string {
  return `10.0.0.${sid}`
}

/** The server's address on each network; the first is the one that clients use. */
export function networksOf(sid: number): readonly [string, string] {
  return [addressOf(sid), `10.1.0.${sid}`]
}

/** What each server is told: small limits, so that what is rare in production happens many times a minute. */
export function randomConfigs(random: SeededRandom, size: Size): ServerConfig[] {
  const count = size.voters + size.observers + size.joiners
  const common: ConfigValues = {
    dataDir: '/data',
    clientPort: CLIENT_PORT,
    tickTimeMs: random.pick([200, 500, 1000, 2000]),
    maxClientCnxns: 0,
    containerCheckIntervalMs: 2000,
    digestEnabled: random.chance(0.9),
    ...(count === 1 ? {} : randomEnsembleValues(random, size)),
  }
  return Array.from({ length: count }, (_, index) => {
    const members = count === 1 ? {} : { ensemble: firstMembers(size, index + 1) }
    return createServerConfig({ ...common, ...members, ...randomOwnValues(random) })
  })
}

/** What stands behind `server.N=`. */
export function memberLine(
  sid: number,
  role: 'participant' | 'observer',
  { ports = '2888:3888', networks = 1 }: { ports?: string; networks?: 1 | 2 } = {},
): string {
  const [first, second] = networksOf(sid)
  const more = networks === 2 ? `|${second}:2889:3889` : ''
  return `server.${sid}=${first}:${ports}${more}:${role};${CLIENT_PORT}`
}

/** The members with which a server starts: those that there are at first, and itself, if it is to join them. */
function firstMembers({ voters, observers, groups, networks }: Size, own: number): QuorumConfig {
  const first = Array.from({ length: voters + observers }, (_, index) => index + 1)
  const sids = first.includes(own) ? first : [...first, own]
  const role = (sid: number): 'participant' | 'observer' =>
    sid > voters && sid <= voters + observers ? 'observer' : 'participant'
  return parseQuorumConfig(
    [...sids.map((sid) => memberLine(sid, role(sid), { networks })), ...groups].join('\n'),
  ) as QuorumConfig
}

/** Another configuration that the same server may be given: all that need not be the same as before, or elsewhere. */
export function otherConfig(config: ServerConfig, random: SeededRandom): ServerConfig {
  const ensemble = config.ensemble === null ? {} : { initLimit: random.int(5, 10), syncLimit: random.int(2, 5) }
  return createServerConfig({ ...config, ...randomOwnValues(random), ...ensemble })
}

/** What every member of an ensemble has to be told alike. */
function randomEnsembleValues(
  random: SeededRandom,
  { observers, changes, localSessions, upgrading, oracle, readOnly, networks }: Size,
): ConfigValues {
  return {
    // Observers take the leader's word from followers.
    ...(observers > 0 && random.fork('observer masters').chance(0.4) ? { observerMasterPort: 2191 } : {}),
    readOnlyModeEnabled: readOnly,
    multiAddressEnabled: networks > 1,
    ...(oracle ? { oraclePath: `${ORACLE_DIRECTORY}/${ORACLE_FILE}` } : {}),
    ...(localSessions ? { localSessionsEnabled: true, localSessionsUpgradingEnabled: upgrading } : {}),
    initLimit: random.int(5, 10),
    syncLimit: random.int(2, 5),
    maxNotificationIntervalMs: random.pick([1000, 5000, 60_000]),
    observerElectionDelayMs: 200,
    ...(changes
      ? {
          reconfigEnabled: true,
          standaloneEnabled: random.chance(0.5),
          superDigest: digestId(ADMINISTRATOR),
        }
      : {}),
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
