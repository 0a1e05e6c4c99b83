import { setImmediate as turn } from 'node:timers/promises'

/** So many names take less than a millisecond, even where nothing has been compiled yet: between two pieces others have their turn. */
export const PIECE = 256
/** The same of names that are merged. */
const MERGED = 1024

/** Names are seldom longer: so that what has come need not be copied. */
const USUAL_BYTES = 16

/**
 * Names in the order of their bytes, which is that of their characters' numbers. They stand beside the heap, a name's bytes
 * and eight more: a million of them are some twenty megabytes, and nothing that collects garbage has to look at them.
 */
export class NameList {
  readonly #bytes: Buffer
  /** Where each begins, as they came; and where the last ends. */
  readonly #starts: Uint32Array
  /** Which of them is the first, the second …. */
  readonly #order: Uint32Array

  private constructor(bytes: Buffer, starts: Uint32Array, order: Uint32Array) {
    this.#bytes = bytes
    this.#starts = starts
    this.#order = order
  }

  /**
   * Takes in names, a piece in a turn, and sorts them.
   *
   * @param count how many there will be, as far as is known
   */
  static async of(pieces: Iterable<readonly string[]>, count: number): Promise<NameList> {
    const names = new Names(count)
    for (const piece of pieces) {
      if (names.count > 0) await turn()
      for (const name of piece) names.add(name)
    }
    // A copy of a million would keep others waiting, and how many there are is nearly always known.
    const starts = names.starts.subarray(0, names.count + 1)
    return new NameList(names.bytes, starts, await sorted(names.bytes, starts))
  }

  get length(): number {
    return this.#order.length
  }

  /** What it takes of memory. */
  get bytes(): number {
    return this.#bytes.length + this.#starts.buffer.byteLength + this.#order.byteLength
  }

  slice(from: number, to: number): string[] {
    return Array.from(this.#order.subarray(from, to), (name) =>
      this.#bytes.toString('utf8', this.#starts[name], this.#starts[name + 1]),
    )
  }

  /** Where the names after `name` begin. */
  indexAfter(name: string): number {
    const wanted = Buffer.from(name)
    let low = 0
    let high = this.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const at = this.#order[middle] as number
      const order = wanted.compare(this.#bytes, this.#starts[at], this.#starts[at + 1])
      if (order >= 0) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** Names as they come, one behind the other. */
class Names {
  bytes: Buffer
  starts: Uint32Array
  count = 0

  constructor(count: number) {
    this.bytes = Buffer.allocUnsafeSlow(count * USUAL_BYTES)
    this.starts = new Uint32Array(count + 1)
  }

  add(name: string): void {
    const start = this.starts[this.count] as number
    // Of each of its characters UTF-8 makes three bytes at most.
    if (start + name.length * 3 > this.bytes.length) {
      const larger = Buffer.allocUnsafeSlow(2 * this.bytes.length + name.length * 3)
      this.bytes.copy(larger, 0, 0, start)
      this.bytes = larger
    }
    if (++this.count === this.starts.length) {
      const longer = new Uint32Array(2 * this.starts.length)
      longer.set(this.starts)
      this.starts = longer
    }
    this.starts[this.count] = start + this.bytes.write(name, start)
  }
}

/** Runs are sorted each by itself, and then merged two by two. */
async function sorted(bytes: Uint8Array, starts: Uint32Array): Promise<Uint32Array> {
  const count = starts.length - 1
  let from = new Uint32Array(count)
  // Memory in such amounts is had with a pause, and may have garbage collected: one at a time.
  if (count > PIECE) await turn()
  const compare = (a: number, b: number): number => compareNames(bytes, starts, a, b)
  for (let at = 0; at < count; at += PIECE) {
    const run = from.subarray(at, at + PIECE)
    for (let i = 0; i < run.length; i++) run[i] = at + i
    run.sort(compare)
    if (at + PIECE < count) await turn()
  }
  let to = new Uint32Array(count > PIECE ? count : 0)
  if (count > PIECE) await turn()
  for (let run = PIECE; run < count; run *= 2) {
    for (let at = 0; at < count; at += 2 * run)
      await merge(at, Math.min(count, at + run), Math.min(count, at + 2 * run))
    const merged = to
    to = from
    from = merged
  }
  return from

  async function merge(start: number, middle: number, end: number): Promise<void> {
    let left = start
    let right = middle
    for (let at = start; at < end; at++) {
      if ((at & (MERGED - 1)) === MERGED - 1) await turn()
      const isLeft = right === end || (left < middle && compare(from[left] as number, from[right] as number) <= 0)
      to[at] = from[isLeft ? left++ : right++] as number
    }
  }
}

function compareNames(bytes: Uint8Array, starts: Uint32Array, a: number, b: number): number {
  const endA = starts[a + 1] as number
  const endB = starts[b + 1] as number
  let atA = starts[a] as number
  let atB = starts[b] as number
  for (; atA < endA && atB < endB; atA++, atB++) {
    const difference = (bytes[atA] as number) - (bytes[atB] as number)
    if (difference !== 0) return difference
  }
  return endA - atA - (endB - atB)
}
