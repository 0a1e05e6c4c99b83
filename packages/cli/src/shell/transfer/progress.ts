import type { TreeSource } from './entry.ts'

const REDRAW_MS = 100
const WIDTH = 24

/** A line on a terminal that says how far something has come, redrawn in place. */
export class Progress {
  readonly #stream: { isTTY?: boolean; write(text: string): unknown }
  readonly #total: number | null
  readonly #started = Date.now()
  #drawn = 0
  #znodes = 0
  #bytes = 0

  /** @param total how many znodes there are, about; null: that is not known */
  constructor(total: number | null, stream: { isTTY?: boolean; write(text: string): unknown } = process.stderr) {
    this.#total = total
    this.#stream = stream
  }

  /** For a tree that is about to be read. Servers are asked for its size only if somebody sees how far that is. */
  static async of(source: TreeSource): Promise<Progress> {
    return new Progress(process.stderr.isTTY ? await source.size() : null)
  }

  add(znodes: number, bytes: number): void {
    this.#znodes += znodes
    this.#bytes += bytes
    const now = Date.now()
    if (!this.#stream.isTTY || now - this.#drawn < REDRAW_MS) return
    this.#drawn = now
    this.#stream.write(`\r\x1b[K${this.text(now)}`)
  }

  /** Takes the line away. */
  end(): void {
    if (this.#drawn > 0) this.#stream.write('\r\x1b[K')
    this.#drawn = 0
  }

  text(now: number): string {
    const seconds = Math.max(0.001, (now - this.#started) / 1000)
    const rate = `${Math.round(this.#znodes / seconds)}/s`
    const counts = `${this.#znodes} znodes, ${(this.#bytes / 2 ** 20).toFixed(1)} MiB, ${rate}`
    if (this.#total === null || this.#total === 0) return counts
    const share = Math.min(1, this.#znodes / this.#total)
    const filled = Math.round(share * WIDTH)
    return `[${'#'.repeat(filled)}${'-'.repeat(WIDTH - filled)}] ${Math.floor(share * 100)}%  ${counts}`
  }
}
