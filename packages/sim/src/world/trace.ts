import { createHash } from 'node:crypto'

/** Who a line of the trace is about; `network`, `disk` and `log` are for those who look closely. */
export type TraceKind = 'fault' | 'server' | 'client' | 'verdict' | 'network' | 'disk' | 'log'

export interface TraceLine {
  readonly ms: number
  readonly kind: TraceKind
  readonly text: string
}

/** How many characters go into the hash together: a call takes longer than a line does. */
const HASHED_AT_ONCE = 16_384

/** All that happened, line by line, and a hash of it: two runs with the same hash were the same run. */
export class Trace {
  readonly lines: TraceLine[] = []
  #count = 0
  readonly #hash = createHash('sha256')
  /** What the hash has yet to be told. */
  #told = ''
  readonly #keep: boolean
  readonly #now: () => number

  /** @param keep whether lines are kept to be printed; the hash is of all of them either way */
  constructor(now: () => number, keep: boolean) {
    this.#now = now
    this.#keep = keep
  }

  add(kind: TraceKind, text: string): void {
    const ms = this.#now()
    this.#count++
    this.#told += `${ms} ${kind} ${text}\n`
    if (this.#told.length > HASHED_AT_ONCE) this.#hashTold()
    if (this.#keep) this.lines.push({ ms, kind, text })
  }

  get count(): number {
    return this.#count
  }

  /** The hash of all lines so far. */
  digest(): string {
    this.#hashTold()
    return this.#hash.copy().digest('hex').slice(0, 32)
  }

  #hashTold(): void {
    this.#hash.update(this.#told)
    this.#told = ''
  }
}
