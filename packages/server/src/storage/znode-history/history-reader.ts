import { Worker } from 'node:worker_threads'
import type { HistoryLimits, ZnodeHistory } from './read-history.ts'

/** What the thread is to do. */
export interface HistoryJob {
  readonly directory: string
  readonly path: string
  readonly limits: HistoryLimits
}

/** Reads the histories of znodes in a thread of its own, one at a time. */
export class HistoryReader {
  #busy = false

  /** Null if another one is being read. Rejects if the logs cannot be read. */
  async read(job: HistoryJob): Promise<ZnodeHistory | null> {
    if (this.#busy) return null
    this.#busy = true
    try {
      return await run(job)
    } finally {
      this.#busy = false
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
