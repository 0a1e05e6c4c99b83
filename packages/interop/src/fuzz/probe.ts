import { parentPort, workerData } from 'node:worker_threads'
import { RawClient } from '../raw-client.ts'
import { RunQueue } from './run-queue.ts'

export interface ProbeOptions {
  port: number
  /** The server's process, whose first thread is the one that serves. */
  pid: number
}

/** What the pings took, in milliseconds. */
export interface ProbeReport {
  pings: number
  /** The slowest, as the client saw it. */
  slowestMs: number
  /** The slowest less what its client and the server were ready to run and had no processor: see {@link RunQueue}. */
  slowestOwnMs: number
}

/** A session of good manners, on a thread of its own. It pings until it is told to stop and then says how that went. */
async function probe({ port, pid }: ProbeOptions): Promise<ProbeReport> {
  const client = await RawClient.connect(port, { timeoutMs: 30_000 })
  let over = false
  parentPort?.once('message', () => {
    over = true
  })
  const report: ProbeReport = { pings: 0, slowestMs: 0, slowestOwnMs: 0 }
  const queue = new RunQueue(pid)
  while (!over) {
    queue.mark()
    const sent = performance.now()
    await client.ping()
    const tookMs = performance.now() - sent
    report.pings++
    report.slowestMs = Math.max(report.slowestMs, tookMs)
    report.slowestOwnMs = Math.max(report.slowestOwnMs, tookMs - queue.waitedMs())
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  await client.close()
  return report
}

probe(workerData as ProbeOptions).then((report) => parentPort?.postMessage(report))
