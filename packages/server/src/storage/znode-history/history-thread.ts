/** The thread that reads what became of a znode; started by HistoryReader, and gone when it has answered. */
import { parentPort, workerData } from 'node:worker_threads'
import { lowerThreadPriority, nodeDisk } from '@vivarium/env/node'
import type { HistoryJob } from './history-reader.ts'
import { readHistory } from './read-history.ts'

// Clients wait for the other threads.
lowerThreadPriority()
const { directory, path, limits } = workerData as HistoryJob
// A log that cannot be read ends the thread with an error, which goes to who has started it.
void readHistory(nodeDisk, directory, path, limits).then((history) => parentPort?.postMessage(history))
