import type { Expirable } from './expiry-queue.ts'
import type { Place } from './roster.ts'

/** A client's session. Looked up once per connection and passed around from then on. */
export class Session<Owner extends object = object> implements Expirable {
  readonly id: bigint
  /** The id in two signed 32-bit halves, to write it without a bigint. */
  readonly idHigh: number
  readonly idLow: number
  /** What the client's last connection negotiated: how long it may be silent. */
  timeoutMs: number
  /** What the session was created with: what the log and the snapshots have, and a restart goes back to. */
  createdTimeoutMs: number
  /** Its creation has been applied: only now does a snapshot have it. */
  committed: boolean
  /** Its end has been decided, and is on its way through the log. It can do nothing any more. */
  closing: boolean
  /** Only this server knows it, and no transaction tells of it (see `LocalSessions`). */
  local: boolean
  /** The connection that serves it, or null between two connections. */
  owner: Owner | null
  /** A connection here served it, and has ended: who had it before does not have it again without asking. */
  parted: boolean
  expiresAtMs: number
  place: Place<unknown> | null

  constructor(id: bigint, timeoutMs: number) {
    this.id = id
    this.idHigh = Number(BigInt.asIntN(32, id >> 32n))
    this.idLow = Number(BigInt.asIntN(32, id))
    this.timeoutMs = timeoutMs
    this.createdTimeoutMs = timeoutMs
    this.committed = false
    this.closing = false
    this.local = false
    this.owner = null
    this.parted = false
    this.expiresAtMs = 0
    this.place = null
  }
}

/** A session id as ZooKeeper prints it: `0x` and lower-case hexadecimal, negative ids as their two's complement. */
export function formatSessionId(id: bigint): string {
  return `0x${BigInt.asUintN(64, id).toString(16)}`
}
