import type { Prng } from '../../prng.ts'
import { ODD_INTS, spoil } from '../spoil.ts'

/** A message of which parts may be overwritten without changing where it ends. */
export interface Template {
  readonly bytes: Buffer
  readonly ranges: readonly (readonly [from: number, to: number])[]
  /** Where its length stands. */
  readonly lengthAt: number
}

const BLOCK_BYTES = 1 << 17

/** Makes blocks of hostile messages out of templates, which are copied and then spoilt. */
export class BlockMaker {
  readonly #random: Prng
  readonly #templates: readonly Template[]

  constructor(random: Prng, templates: readonly Template[]) {
    this.#random = random
    this.#templates = templates
  }

  /** @param framed whether every message ends where it says; otherwise one of them does not, and ends the connection */
  block(limit: number, framed: boolean): { bytes: Buffer; messages: number } {
    const random = this.#random
    const bytes = Buffer.allocUnsafe(BLOCK_BYTES)
    let end = 0
    let messages = 0
    while (messages < limit) {
      const { bytes: template, ranges, lengthAt } = random.pick(this.#templates)
      if (end + template.length > bytes.length) break
      template.copy(bytes, end)
      for (const [from, to] of ranges) spoil(random, bytes, end + from, end + to)
      if (!framed && random.oneIn(8)) bytes.writeInt32BE(random.pick(ODD_INTS), end + lengthAt)
      end += template.length
      messages++
    }
    return { bytes: bytes.subarray(0, end), messages }
  }
}
