import { MessageChannel, Worker } from 'node:worker_threads'
import { snapshotPrelude } from '@vivarium/core'
import { endOf, estimateSnapshotBytes, type SnapshotRunner, type SnapshotSource } from './snapshot-runner.ts'
import type { SnapshotJob, WrittenSnapshot } from './snapshot-writer.ts'
import type { MessageFromWorker, MessageToWorker } from './worker-messages.ts'

interface Pending {
  readonly source: SnapshotSource
  readonly resolve: (snapshot: WrittenSnapshot) => void
  readonly reject: (error: Error) => void
}

/** A snapshot of about this size takes a millisecond or two; to start a thread takes a hundred. */
const SMALL_BYTES = 256 * 1024

/**
 * Writes snapshots in a thread of its own, which reads the tree's memory while this thread goes on changing it. The
 * thread is started with the first snapshot that is not small, and kept. One snapshot at a time.
 */
export class WorkerSnapshotRunner implements SnapshotRunner {
  readonly #small: SnapshotRunner
  readonly #smallBytes: number
  #worker: Worker | null = null
  #pending: Pending | null = null

  /** @param small writes those that are not worth a thread */
  constructor(small: SnapshotRunner, smallBytes = SMALL_BYTES) {
    this.#small = small
    this.#smallBytes = smallBytes
  }

  run(job: SnapshotJob, source: SnapshotSource): Promise<WrittenSnapshot> {
    if (this.#pending !== null) return Promise.reject(new Error('a snapshot is being written already'))
    if (estimateSnapshotBytes(source.tree) <= this.#smallBytes) return this.#small.run(job, source)
    this.#worker ??= this.#start()
    const worker = this.#worker
    const { tree, sessions } = source
    const chunks = new MessageChannel()
    const prelude = snapshotPrelude(sessions, tree.acls)
    const shared = tree.beginSnapshot((chunk) => chunks.port1.postMessage(chunk))
    const message: MessageToWorker = { type: 'begin', job, prelude, shared, chunks: chunks.port2 }
    worker.ref()
    worker.postMessage(message, [chunks.port2])
    return new Promise<WrittenSnapshot>((resolve, reject) => {
      this.#pending = { source, resolve, reject }
    }).finally(() => {
      this.#pending = null
      // A thread that has nothing to do must not keep the process alive.
      worker.unref()
      tree.endSnapshot(shared)
      chunks.port1.close()
    })
  }

  /** Stops the thread; a snapshot that it is writing fails. */
  async close(): Promise<void> {
    await this.#worker?.terminate()
  }

  #start(): Worker {
    const worker = new Worker(new URL('./snapshot-worker.js', import.meta.url), { name: 'snapshots' })
    worker.on('message', (message: MessageFromWorker) => this.#received(worker, message))
    worker.on('error', (error: Error) => this.#ended(worker, error))
    worker.on('exit', () => this.#ended(worker, new Error('the thread that writes snapshots has ended')))
    return worker
  }

  #received(worker: Worker, message: MessageFromWorker): void {
    const pending = this.#pending
    if (pending === null) return
    if (message.type === 'written') pending.resolve(message.snapshot)
    else if (message.type === 'failed') {
      pending.reject(Object.assign(new Error(message.message), { code: message.code }))
    } else {
      const answer: MessageToWorker = { type: 'end', end: endOf(pending.source.tree) }
      worker.postMessage(answer)
    }
  }

  #ended(worker: Worker, error: Error): void {
    if (this.#worker === worker) this.#worker = null
    this.#pending?.reject(error)
  }
}
