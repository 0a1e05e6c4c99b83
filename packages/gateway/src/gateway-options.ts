import type { ZooKeeperOptions } from '@vivarium/client'
import { type Clock, type Log, silentLog } from '@vivarium/env'
import { nodeClock } from '@vivarium/env/node'
import type { NamesInProcess } from './children/read-names.ts'
import type { HubLimits } from './events/event-hub.ts'

export interface GatewayOptions {
  /** `host[:port],host[:port]…[/chroot]`, as the client takes them. */
  readonly servers: string
  /** How the servers are reached (`tls`). Who calls says who it is: an identity here would be every caller's. */
  readonly client?: Pick<ZooKeeperOptions, 'tls' | 'maxRequestBytes' | 'maxReplyBytes' | 'env'> | undefined
  /** Whether all that would change something is refused. Default false. */
  readonly readOnly?: boolean | undefined
  /** Names by which browsers may call the gateway, besides addresses, `localhost` and this machine's name. */
  readonly allowedHosts?: readonly string[] | undefined
  /** Where commands for administrators are on the same port (`/commands`). Default: nowhere. */
  readonly adminUrl?: string | undefined
  /** The folder of the console's files. Default: that of `@vivarium/console`, if there is that package; null: none. */
  readonly consoleDirectory?: string | null | undefined
  /** Where a server of the same process is the one that is connected to: names of very many children, not through a connection. */
  readonly namesInProcess?: NamesInProcess | undefined
  readonly limits?: Partial<GatewayLimits> | undefined
  readonly log?: Log | undefined
  readonly clock?: Clock | undefined
}

/** What a gateway bears. */
export interface GatewayLimits extends HubLimits {
  /** Bytes of a request's body. Default 2 MiB: a znode of 1 MiB in base 64, and something around it. */
  readonly bodyBytes: number
  /** Requests that are being answered at once, event streams aside. Default 1000. */
  readonly requests: number
  /** Identities that are connected at once. Default 100. */
  readonly identities: number
  /** How long the connection of an identity is kept that makes no requests, in milliseconds. Default 60,000. */
  readonly identityIdleMs: number
  /** Sessions that callers have. Default 1000. */
  readonly sessions: number
  /** How long a request may take, in milliseconds. Default 15,000. */
  readonly requestTimeoutMs: number
  /** How long a request may wait for a lock or a lead, in milliseconds, whatever it says. Default 60,000. */
  readonly waitMs: number
  /** Znodes that one recursive delete takes. Default 10,000. */
  readonly deletedZnodes: number
  /** Bytes of children's names that are remembered between pages, of all folders together. Default 64 MiB. */
  readonly rememberedBytes: number
}

const LIMITS: GatewayLimits = {
  bodyBytes: 2 * 2 ** 20,
  requests: 1000,
  identities: 100,
  identityIdleMs: 60_000,
  sessions: 1000,
  requestTimeoutMs: 15_000,
  waitMs: 60_000,
  deletedZnodes: 10_000,
  rememberedBytes: 64 * 2 ** 20,
  streams: 20_000,
  watches: 2000,
  streamBytes: 2 ** 20,
  replayBytes: 2 ** 17,
  lingerMs: 30_000,
  pictureZnodes: 1000,
  pictures: 200_000,
}

/** The options, complete. */
export interface Settings {
  readonly servers: string
  readonly client: ZooKeeperOptions
  readonly readOnly: boolean
  readonly allowedHosts: ReadonlySet<string>
  readonly adminUrl: string | null
  readonly consoleDirectory: string | null | undefined
  readonly namesInProcess: NamesInProcess | undefined
  readonly limits: GatewayLimits
  readonly log: Log
  readonly clock: Clock
}

export function settingsOf(options: GatewayOptions): Settings {
  const limits = { ...LIMITS, ...options.limits }
  return {
    servers: options.servers,
    client: {
      ...options.client,
      canBeReadOnly: true,
      connectTimeoutMs: limits.requestTimeoutMs,
      requestTimeoutMs: limits.requestTimeoutMs,
    },
    readOnly: options.readOnly ?? false,
    allowedHosts: new Set(options.allowedHosts?.map((name) => name.toLowerCase())),
    adminUrl: options.adminUrl ?? null,
    consoleDirectory: options.consoleDirectory,
    namesInProcess: options.namesInProcess,
    limits,
    log: options.log ?? silentLog,
    clock: options.clock ?? nodeClock,
  }
}
