import type { Txn } from '@vivarium/protocol'
import type { AuditedRequest } from '../audit/index.ts'
import type { Client } from './client.ts'

/**
 * A request that cannot be answered yet: a write on its way to the disk, a sync behind writes, or a read that must not
 * overtake a write of its own session. One class for all, so that the queues stay monomorphic.
 */
export class WaitingRequest {
  /** Null: nobody waits for the answer (the end of a session that expired, a container that is swept). */
  readonly client: Client | null
  readonly xid: number
  readonly opcode: number
  /** Milliseconds on the monotonic clock. */
  readonly arrivedMs: number
  /** Null for a read or a sync, and for what was forwarded. */
  readonly txn: Txn | null
  /** The body of a read or a sync; null for a write. */
  readonly body: Uint8Array | null
  /** Complete once this zxid is applied; 0 for a read, which only waits for the request before it. */
  readonly zxid: number
  /** The next request of the same client. */
  next: WaitingRequest | null = null
  /** The next request that waits for a zxid. */
  nextInFlight: WaitingRequest | null = null
  /** Answered as soon as nothing of the same client is in front of it. */
  done = false
  /** It has gone to the leader, and comes back as a transaction. */
  forwarded = false
  /** For a request that is refused: the number of the error. */
  error = 0
  /** What the audit log is to say of it; null: nothing. */
  audited: AuditedRequest | null = null
  /** Bytes that count as those of a large request until it is done with. */
  largeBytes = 0
  /** Bytes that it took to ask for it. */
  readonly bytes: number

  constructor(
    client: Client | null,
    xid: number,
    opcode: number,
    arrivedMs: number,
    txn: Txn | null,
    body: Uint8Array | null,
    zxid: number,
    bytes: number,
  ) {
    this.client = client
    this.xid = xid
    this.opcode = opcode
    this.arrivedMs = arrivedMs
    this.txn = txn
    this.body = body
    this.zxid = zxid
    this.bytes = bytes
  }

  /** It has become a transaction, or is to become one, whatever happens to its client. */
  get isWrite(): boolean {
    return this.txn !== null || this.forwarded
  }
}

/** The requests of one client that wait for their answers, oldest first. */
export class WaitingQueue {
  first: WaitingRequest | null = null
  last: WaitingRequest | null = null
  length = 0
  /** Bytes that it took to ask for them. */
  bytes = 0

  push(request: WaitingRequest): void {
    if (this.last === null) this.first = request
    else this.last.next = request
    this.last = request
    this.length++
    this.bytes += request.bytes
  }

  shift(): void {
    const first = this.first as WaitingRequest
    this.first = first.next
    first.next = null // For the garbage collector: what is old already would keep the next one alive.
    if (this.first === null) this.last = null
    this.length--
    this.bytes -= first.bytes
  }

  clear(): void {
    this.first = null
    this.last = null
    this.length = 0
    this.bytes = 0
  }
}
