import { Writer } from '@vivarium/protocol'

/** A writer that grew beyond this is not kept: one huge answer must not hold its memory for ever. */
const KEPT_BYTES = 262_144
const FIRST_BYTES = 16_384
const KEPT_WRITERS = 256

/**
 * Writers for the replies of one turn. A connection takes one with its first reply and gives it back when the kernel
 * has taken the bytes, which is almost always at once: so a busy server works in the same few, warm buffers.
 */
export class OutputPool {
  readonly #free: Writer[] = []

  take(): Writer {
    return this.#free.pop() ?? new Writer(FIRST_BYTES)
  }

  give(writer: Writer): void {
    if (writer.bytes.length > KEPT_BYTES || this.#free.length >= KEPT_WRITERS) return
    writer.clear()
    this.#free.push(writer)
  }
}
