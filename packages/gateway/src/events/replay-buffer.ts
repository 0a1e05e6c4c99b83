/** Something that was told, and its place in the order of all that was. */
export interface Told {
  readonly number: number
  readonly text: Buffer
}

/** The last that was told, so that whoever comes back hears what it has missed. */
export class ReplayBuffer {
  readonly #mostBytes: number
  readonly #told: Told[] = []
  #first = 0
  #bytes = 0
  /** The number of the last that is gone, or of when it began. */
  #gone: number

  /** @param begin the number up to which there was nothing to be told */
  constructor(mostBytes: number, begin: number) {
    this.#mostBytes = mostBytes
    this.#gone = begin
  }

  add(told: Told): void {
    this.#told.push(told)
    this.#bytes += told.text.length
    while (this.#bytes > this.#mostBytes) {
      const oldest = this.#told[this.#first++] as Told
      this.#bytes -= oldest.text.length
      this.#gone = oldest.number
    }
    if (this.#first * 2 <= this.#told.length) return
    this.#told.splice(0, this.#first)
    this.#first = 0
  }

  /** What came after this number; null if some of it is gone. */
  after(number: number): readonly Told[] | null {
    if (number < this.#gone) return null
    return this.#told.slice(this.#first).filter((told) => told.number > number)
  }
}
