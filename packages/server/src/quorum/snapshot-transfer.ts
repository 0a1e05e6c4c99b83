import {
  type Database,
  type DataTreeOptions,
  SharedTreeReader,
  SnapshotReader,
  SnapshotWriter,
  snapshotPrelude,
} from '@vivarium/core'
import type { Clock } from '@vivarium/env'
import type { PacketLink } from './packet-link.ts'

/** What a snapshot ends with on its way between servers: a string, behind its length. */
const SIGNATURE = Uint8Array.from([0, 0, 0, 10, ...Buffer.from('BenWasHere')])

const PIECE_BYTES = 65_536

/**
 * Sends the database as it is now to a learner, a piece at a time, while it goes on changing: what changes follows as
 * transactions, which put right what the pieces have of it (LearnerHandler.run, FileSnap).
 */
export class SnapshotSender {
  readonly #link: PacketLink
  readonly #clock: Clock
  readonly #sent: () => void
  #writer: SnapshotWriter
  #finish: () => void
  #signed = false

  /** @param sent called when the last byte has left */
  constructor({ tree, sessions }: Database, link: PacketLink, clock: Clock, sent: () => void) {
    this.#link = link
    this.#clock = clock
    this.#sent = sent
    const added: Parameters<Parameters<typeof tree.beginSnapshot>[0] & object>[0][] = []
    const prelude = snapshotPrelude(sessions, tree.acls)
    const shared = tree.beginSnapshot((chunk) => added.push(chunk))
    this.#finish = () => tree.endSnapshot(shared)
    this.#writer = new SnapshotWriter(prelude, new SharedTreeReader(shared, () => added.splice(0)))
    link.hold()
    this.#next()
  }

  /** The link has room, or is gone. */
  proceed(): void {
    if (this.#signed) this.#end()
    else this.#next()
  }

  #next(): void {
    if (!this.#link.open) return this.#release()
    const piece = new Uint8Array(PIECE_BYTES)
    const count = this.#writer.next(piece)
    if (count === 0) {
      this.#signed = true
      if (this.#link.sendRaw(SIGNATURE, SIGNATURE.length)) this.#end()
      return
    }
    // Other work comes in between.
    if (this.#link.sendRaw(piece, count)) this.#clock.soon(() => this.#next())
  }

  #end(): void {
    this.#release()
    if (!this.#link.open) return
    this.#link.release()
    this.#sent()
  }

  #release(): void {
    this.#finish()
    this.#finish = () => {}
  }
}

/** Takes in a database that a leader sends. */
export class SnapshotReceiver {
  readonly #reader: SnapshotReader
  readonly #signature = new Uint8Array(SIGNATURE.length)
  #signed = 0
  error: string | null = null

  constructor(options: DataTreeOptions) {
    this.#reader = new SnapshotReader({ ...options, maxFieldBytes: 2 ** 31 - 1 })
  }

  get done(): boolean {
    return this.#signed === SIGNATURE.length
  }

  /** Of meaning once it is `done`. */
  get reader(): SnapshotReader {
    return this.#reader
  }

  /** Returns how many of the bytes belong to the snapshot. */
  take(bytes: Uint8Array, start: number, end: number): number {
    let at = start
    if (!this.#reader.done) {
      at += this.#reader.feed(bytes, start, end)
      this.error = this.#reader.error
      if (this.error !== null || !this.#reader.done) return end - start
    }
    const count = Math.min(end - at, SIGNATURE.length - this.#signed)
    this.#signature.set(bytes.subarray(at, at + count), this.#signed)
    this.#signed += count
    if (this.done && Buffer.compare(this.#signature, SIGNATURE) !== 0) this.error = 'it does not end as a snapshot does'
    return at + count - start
  }
}
