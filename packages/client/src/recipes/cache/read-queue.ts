/** One reading of one znode. */
export interface Turn {
  readonly path: string
  /** The number of the sweep that it belongs to; 0: none, a change asked for it. */
  readonly sweep: number
  /** The znode was deleted meanwhile: what was read is not what is there. It will be read once more. */
  isVoid: boolean
}

/**
 * Which znodes are to be read: few at a time, in the order in which they were asked for, and none twice at once. What
 * changes while it is read is read again after that.
 *
 * A sweep is a reading of a whole tree: it is through when its root, and all that was added in its name, have been read.
 */
export class ReadQueue {
  readonly #limit: number
  readonly #read: (turn: Turn) => Promise<void>
  readonly #swept: () => void
  /** The sweep of each path; 0 for none. */
  readonly #waiting = new Map<string, number>()
  readonly #reading = new Map<string, Turn>()
  #sweep = 0
  /** How much of the sweep is still to be read. */
  #unswept = 0
  #idlers: (() => void)[] = []

  /**
   * @param limit how many are read at the same time
   * @param read never rejects
   * @param swept called when a sweep is through
   */
  constructor(limit: number, read: (turn: Turn) => Promise<void>, swept: () => void) {
    this.#limit = limit
    this.#read = read
    this.#swept = swept
  }

  /** Begins a sweep; one that is under way is given up, and all else that waits: the sweep comes to it. */
  sweep(root: string): void {
    this.#sweep++
    this.#unswept = 0
    this.#waiting.clear()
    this.add(root, this.#sweep)
  }

  add(path: string, sweep = 0): void {
    const isOfSweep = sweep !== 0 && sweep === this.#sweep
    const present = this.#waiting.get(path)
    if (present === undefined || (isOfSweep && present !== sweep)) {
      this.#waiting.set(path, isOfSweep ? sweep : 0)
      if (isOfSweep) this.#unswept++
    }
    this.#next()
  }

  /** What is being read at this path is gone. */
  deleted(path: string): void {
    const turn = this.#reading.get(path)
    if (turn === undefined || turn.isVoid) return
    turn.isVoid = true
    this.add(path, turn.sweep)
  }

  /** Resolves when nothing is left to be read. */
  idle(): Promise<void> {
    if (this.#isIdle) return Promise.resolve()
    return new Promise((resolve) => this.#idlers.push(resolve))
  }

  /** Forgets all that waits. */
  clear(): void {
    this.#waiting.clear()
    this.#sweep++
    this.#tellIdlers()
  }

  get #isIdle(): boolean {
    return this.#waiting.size + this.#reading.size === 0
  }

  #next(): void {
    for (const [path, sweep] of this.#waiting) {
      if (this.#reading.size >= this.#limit) return
      if (this.#reading.has(path)) continue
      this.#waiting.delete(path)
      const turn = { path, sweep, isVoid: false }
      this.#reading.set(path, turn)
      this.#read(turn).then(() => this.#done(turn))
    }
  }

  #done(turn: Turn): void {
    this.#reading.delete(turn.path)
    if (turn.sweep !== 0 && turn.sweep === this.#sweep && --this.#unswept === 0) this.#swept()
    this.#next()
    this.#tellIdlers()
  }

  #tellIdlers(): void {
    if (!this.#isIdle) return
    const idlers = this.#idlers
    this.#idlers = []
    for (const tell of idlers) tell()
  }
}
