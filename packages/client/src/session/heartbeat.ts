import { OpCode, Xid } from '@vivarium/protocol'
import type { Output } from '../connection/output.ts'
import type { Lease } from './lease.ts'

/** Keeps a connection alive by pings, and notices one that is dead. */
export class Heartbeat {
  readonly #lease: Lease
  readonly #output: Output

  constructor(lease: Lease, output: Output) {
    this.#lease = lease
    this.#output = output
  }

  /** Writes a ping if one is due. Returns when to look again, or why the connection is to be left. */
  beat(nowMs: number): number | Error {
    const lease = this.#lease
    if (nowMs >= lease.silentMs) {
      return new Error(`the server has said nothing for ${Math.round((lease.timeoutMs * 2) / 3)} ms`)
    }
    // What it says of its own accord, of watches, proves nothing: our requests may not come to it.
    if (nowMs >= lease.endsMs) return new Error(`the server has answered nothing for ${lease.timeoutMs} ms`)
    if (nowMs >= lease.pingDueMs) {
      const at = this.#output.beginFrame()
      this.#output.writer.int(Xid.PING)
      this.#output.writer.int(OpCode.ping)
      this.#output.endFrame(at, Number.POSITIVE_INFINITY)
      lease.pinged(nowMs)
    }
    // While one is under way, the next cannot be due sooner than that.
    return Math.min(lease.silentMs, lease.pingDueMs, lease.endsMs, nowMs + lease.timeoutMs / 4)
  }
}
