import { Worker } from 'node:worker_threads'
import type { HistoryLimits, ZnodeHistory } from './read-history.ts'

/** What the thread is to do. */
export interface HistoryJob {
  readonly directory: string
  readonly path: string
  readonly limits: HistoryLimits
}

/** Further ones are not waited for: each takes a second or so. */
const MOST_AT_ONCE = 16

/** Reads the histories of znodes in a thread of its own, one after the other. */
export class HistoryReader {
  #asked = 0
  #last: Promise<unknown> = Promise.resolve()

  /** Null if too many are being waited for. Rejects if the logs cannot be read. */
  async read(job: HistoryJob): Promise<ZnodeHistory | null> {
    if (this.#asked === MOST_AT_ONCE) return null
    this.#asked++
    const reading = this.#last.then(() => run(job))
    this.#last = reading.catch(() => {})
    try {
      return await reading
    } finally {
      this.#asked--
    }
  }
}

function run(workerData: HistoryJob): Promise<ZnodeHistory> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./history-thread.js', import.meta.url), { name: 'history', workerData })
    // Who stops the server does not wait for it.
    worker.unref()
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', () => reject(new Error('the thread that reads the logs has ended')))
  })
}
