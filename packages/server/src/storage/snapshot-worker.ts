/** The thread that writes snapshots; started by WorkerSnapshotRunner. */
import { type MessagePort, parentPort, receiveMessageOnPort } from 'node:worker_threads'
import { SharedTreeReader, SnapshotWriter } from '@vivarium/core'
import type { DiskError } from '@vivarium/env'
import { lowerThreadPriority, nodeDisk } from '@vivarium/env/node'
import type { SnapshotEnd } from './snapshot-format.ts'
import { writeSnapshot } from './snapshot-writer.ts'
import type { BeginMessage, MessageFromWorker, MessageToWorker } from './worker-messages.ts'

const parent = parentPort as MessagePort
let answerEnd: (end: SnapshotEnd) => void = () => {}

function tell(message: MessageFromWorker): void {
  parent.postMessage(message)
}

function askForEnd(): Promise<SnapshotEnd> {
  return new Promise((resolve) => {
    answerEnd = resolve
    tell({ type: 'end?' })
  })
}

async function write({ job, prelude, shared, chunks }: BeginMessage): Promise<void> {
  const moreChunks = () => {
    const received = []
    for (;;) {
      const message = receiveMessageOnPort(chunks)
      if (message === undefined) return received
      received.push(message.message)
    }
  }
  try {
    const body = new SnapshotWriter(prelude, new SharedTreeReader(shared, moreChunks))
    tell({ type: 'written', snapshot: await writeSnapshot(nodeDisk, job, body, askForEnd, async () => {}) })
  } catch (error) {
    const { message, code } = error as DiskError
    tell({ type: 'failed', message, code })
  } finally {
    chunks.close()
  }
}

// Clients wait for the other threads, and nobody for a snapshot.
lowerThreadPriority()
parent.on('message', (message: MessageToWorker) => {
  if (message.type === 'begin') void write(message)
  else answerEnd(message.end)
})
