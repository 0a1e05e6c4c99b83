import { parentPort, workerData } from 'node:worker_threads'
import { RawClient } from '../raw-client.ts'

/**
 * A session of good manners, on a thread of its own, so that it is held up by the server alone. It pings until it is told
 * to stop and then says how long the slowest ping took, in milliseconds.
 */
async function probe(port: number): Promise<number> {
  const client = await RawClient.connect(port, { timeoutMs: 30_000 })
  let over = false
  parentPort?.once('message', () => {
    over = true
  })
  let slowest = 0
  while (!over) {
    const sent = performance.now()
    await client.ping()
    slowest = Math.max(slowest, performance.now() - sent)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  await client.close()
  return slowest
}

probe(Number(workerData)).then((slowest) => parentPort?.postMessage(slowest))
