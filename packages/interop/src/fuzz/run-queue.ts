import { readdirSync, readFileSync } from 'node:fs'

/**
 * How long an exchange between this thread and a server has waited for a processor.
 *
 * On a machine with more to do than processors an answer is late without anybody having been slow. The kernel counts that
 * apart for each thread (the second figure of schedstat: ready to run, but not running), so it can be told from what the
 * server took. It is what this thread has waited, what the server's first thread has, and the longest that one of its others
 * has: the first waits for those when garbage is collected. Elsewhere than on Linux nothing is counted, and the whole time
 * is the server's.
 */
export class RunQueue {
  readonly #tasks: string
  readonly #first: string
  #before = new Map<string, number>()

  constructor(pid: number) {
    this.#tasks = `/proc/${pid}/task`
    this.#first = `${this.#tasks}/${pid}`
  }

  /** The exchange begins. */
  mark(): void {
    this.#before = this.#read()
  }

  /** Milliseconds since {@link mark}. */
  waitedMs(): number {
    let own = 0
    let others = 0
    for (const [thread, waitedMs] of this.#read()) {
      const since = waitedMs - (this.#before.get(thread) ?? waitedMs)
      if (thread === HERE || thread === this.#first) own += since
      else others = Math.max(others, since)
    }
    return own + others
  }

  #read(): Map<string, number> {
    const waited = new Map<string, number>()
    try {
      waited.set(HERE, waitedBy(HERE))
      for (const id of readdirSync(this.#tasks)) waited.set(`${this.#tasks}/${id}`, waitedBy(`${this.#tasks}/${id}`))
    } catch {
      // There is no such file system, or a thread has just ended: what was read so far counts.
    }
    return waited
  }
}

const HERE = '/proc/thread-self'

function waitedBy(thread: string): number {
  return Number(readFileSync(`${thread}/schedstat`, 'latin1').split(' ')[1]) / 1e6
}
