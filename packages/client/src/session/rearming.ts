import { OpCode, SetWatches, SetWatches2, Xid, type Zxid } from '@vivarium/protocol'
import type { Output } from '../connection/output.ts'
import { rearmBatches } from '../watches/rearm.ts'
import type { PersistentWatch, WatchTable } from '../watches/watch-table.ts'

/**
 * Sets all watches again on each new connection, in packets that no server is too small for. For one-shot watches the
 * server tells what they have missed; for persistent ones nobody can, and so each is told that it may have.
 */
export class Rearming {
  readonly #output: Output
  readonly #table: WatchTable
  /** Replies that are still to come. */
  #unanswered = 0
  #watches: PersistentWatch[] = []
  #newSession = false

  constructor(output: Output, table: WatchTable) {
    this.#output = output
    this.#table = table
  }

  /** The session was lost: what is told next is told to have happened in another one. */
  sessionLost(): void {
    this.#newSession = true
  }

  /** There is a connection. Returns how many packets it took. */
  begin(lastZxid: Zxid): number {
    const batches = rearmBatches(this.#table.paths(), lastZxid)
    this.#unanswered = batches.length
    this.#watches = this.#table.persistentWatches()
    for (const batch of batches) {
      const isPersistent = batch.persistentWatches.length + batch.persistentRecursiveWatches.length > 0
      const at = this.#output.beginFrame()
      this.#output.writer.int(Xid.SET_WATCHES)
      this.#output.writer.int(isPersistent ? OpCode.setWatches2 : OpCode.setWatches)
      if (isPersistent) SetWatches2.write(this.#output.writer, batch)
      else SetWatches.write(this.#output.writer, batch)
      this.#output.endFrame(at, Number.POSITIVE_INFINITY)
    }
    if (batches.length === 0) this.#newSession = false
    return batches.length
  }

  /** The server has set the watches of one packet. */
  answered(): void {
    if (this.#unanswered === 0 || --this.#unanswered > 0) return
    const reason = this.#newSession ? 'session' : 'reconnected'
    this.#newSession = false
    for (const { rearmed } of this.#watches) if (rearmed !== null) queueMicrotask(() => rearmed(reason))
    this.#watches = []
  }
}
