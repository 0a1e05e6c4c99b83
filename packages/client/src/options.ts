import { type Log, silentLog } from '@vivarium/env'
import {
  NodeNetwork,
  nodeClock,
  nodeRandom,
  nodeResolver,
  type TlsConnectOptions,
  TlsConnector,
} from '@vivarium/env/node'
import type { ClientEnv } from './client-env.ts'
import { ArgumentError } from './errors.ts'
import type { SaslMechanism } from './sasl/sasl-mechanism.ts'

export interface AuthInfo {
  /** `digest`, `ip`, or what else the servers have. */
  readonly scheme: string
  /** For `digest`: `user:password`. */
  readonly auth: string | Uint8Array
}

export interface ZooKeeperOptions {
  /** How long the session lives without a word from the client, in milliseconds; servers have bounds. Default 30,000. */
  readonly sessionTimeoutMs?: number | undefined
  /** How long `connect` waits for a session, in milliseconds. Default 30,000. */
  readonly connectTimeoutMs?: number | undefined
  /** How long a request waits for its answer, in milliseconds; the wait for a connection counts. Default 30,000. */
  readonly requestTimeoutMs?: number | undefined
  /** How long `close` waits for the server to confirm, in milliseconds. Default 1000. */
  readonly closeTimeoutMs?: number | undefined
  /** Whether a session that was lost is followed by a new one. Default true; otherwise the client is closed. */
  readonly renewSession?: boolean | undefined
  /** A session to go on with, from another client's `session`. */
  readonly session?: { readonly id: bigint; readonly password: Uint8Array } | undefined
  /** Whether a read-only server will do while there is no other. Default false. */
  readonly canBeReadOnly?: boolean | undefined
  /** Who the client is, in ZooKeeper's own schemes; told to every server. See also `addAuth`. */
  readonly auth?: readonly AuthInfo[] | undefined
  /** Who the client is, proved by SASL: for instance `digestMd5({ user, password })`. */
  readonly sasl?: SaslMechanism | undefined
  /** Encrypts connections. The ports of the connect string are the servers' `secureClientPort` then. */
  readonly tls?: TlsConnectOptions | undefined
  /** The longest request that is sent, in bytes: what the servers' `jute.maxbuffer` allows. Default 1,048,575. */
  readonly maxRequestBytes?: number | undefined
  /** The longest reply that is taken, in bytes; longer ones are skipped and fail. Default 64 MiB. */
  readonly maxReplyBytes?: number | undefined
  /** How many events a stream keeps for a reader that is behind. Default 10,000. */
  readonly streamEvents?: number | undefined
  /** Tells clients apart in diagnostics. Default: the connect string. */
  readonly name?: string | undefined
  /** What the client says of itself. Default: nothing. */
  readonly log?: Log | undefined
  /** Time, network and chance, where they are not to be this machine's. */
  readonly env?: Partial<ClientEnv> | undefined
}

/** The options, complete. */
export interface Settings {
  readonly sessionTimeoutMs: number
  readonly connectTimeoutMs: number
  readonly requestTimeoutMs: number
  readonly closeTimeoutMs: number
  readonly renewSession: boolean
  readonly resume: { readonly id: bigint; readonly password: Uint8Array } | null
  readonly canBeReadOnly: boolean
  readonly auth: readonly AuthInfo[]
  readonly sasl: SaslMechanism | null
  readonly maxRequestBytes: number
  readonly maxReplyBytes: number
  readonly streamEvents: number
  readonly env: ClientEnv
}

/** @throws {ArgumentError} */
export function settingsOf(options: ZooKeeperOptions): Settings {
  const positive = (name: keyof ZooKeeperOptions, fallback: number): number => {
    const value = options[name] ?? fallback
    if (typeof value === 'number' && value > 0) return value
    throw new ArgumentError(`${name} is ${String(value)}: a number above 0 is wanted`)
  }
  return {
    sessionTimeoutMs: positive('sessionTimeoutMs', 30_000),
    connectTimeoutMs: positive('connectTimeoutMs', 30_000),
    requestTimeoutMs: positive('requestTimeoutMs', 30_000),
    closeTimeoutMs: positive('closeTimeoutMs', 1000),
    renewSession: options.renewSession ?? true,
    resume: options.session ?? null,
    canBeReadOnly: options.canBeReadOnly ?? false,
    auth: options.auth ?? [],
    sasl: options.sasl ?? null,
    maxRequestBytes: positive('maxRequestBytes', 0xfffff),
    maxReplyBytes: positive('maxReplyBytes', 64 * 2 ** 20),
    streamEvents: positive('streamEvents', 10_000),
    env: {
      clock: nodeClock,
      network: options.tls === undefined ? new NodeNetwork() : new TlsConnector(options.tls),
      random: nodeRandom,
      resolver: nodeResolver,
      log: options.log ?? silentLog,
      ...options.env,
    },
  }
}
