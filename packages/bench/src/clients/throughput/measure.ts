import { setTimeout as delay } from 'node:timers/promises'
import type { Done, Subject, SubjectName } from './subject.ts'

export const LOADS = ['get', 'set'] as const
export type LoadName = (typeof LOADS)[number]

/** What one session of one client is asked to do. */
export interface ThroughputSpec {
  readonly subject: SubjectName
  readonly port: number
  /** Where the packages of others are installed. */
  readonly packages: string
  readonly load: LoadName
  /** Requests in flight. */
  readonly depth: number
  readonly seconds: number
}

export interface Throughput {
  readonly operationsPerSecond: number
  /** CPU time of the client's process, all threads, user and kernel, in microseconds. */
  readonly cpuMicrosPerOperation: number
}

/** Below this, the znodes of the load: `n0`, `n1` and so on. */
export const ROOT = '/bench-clients'
export const ZNODES = 1000
export const DATA_BYTES = 100
const LONGEST_WARM_UP_MS = 1000

/** Keeps so many requests in flight, each of the next znode, and counts the answers. Rejects at the first that is wrong. */
export async function measure(subject: Subject, { load, depth, seconds }: ThroughputSpec): Promise<Throughput> {
  const data = Buffer.alloc(DATA_BYTES, 'x')
  let issued = 0
  let answered = 0
  let over = false
  let failed: (error: Error) => void
  const wrong = new Promise<never>((_resolve, reject) => {
    failed = reject
  })
  const done: Done = (error, read) => {
    if (error !== null && error !== undefined) return failed(error)
    if (load === 'get' && read?.length !== DATA_BYTES) return failed(new Error('the data is not what was written'))
    answered++
    if (!over) ask()
  }
  const ask = (): void => {
    const path = `${ROOT}/n${issued++ % ZNODES}`
    if (load === 'get') subject.get(path, done)
    else subject.set(path, data, done)
  }
  for (let i = 0; i < depth; i++) ask()
  await Promise.race([wrong, delay(Math.min(LONGEST_WARM_UP_MS, seconds * 400))])
  const before = { answered, cpu: process.cpuUsage(), ms: performance.now() }
  await Promise.race([wrong, delay(seconds * 1000)])
  over = true
  const operations = answered - before.answered
  const { user, system } = process.cpuUsage(before.cpu)
  const elapsedSeconds = (performance.now() - before.ms) / 1000
  return {
    operationsPerSecond: operations / elapsedSeconds,
    cpuMicrosPerOperation: (user + system) / operations,
  }
}
