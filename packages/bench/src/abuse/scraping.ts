import { connect } from 'node:net'
import { median } from '../compare/results.ts'
import { ProcessUsage } from '../load/process-usage.ts'
import type { RequestTemplate } from '../load/request-template.ts'
import { freePort, RawClient, ServerProcess, VIVARIUM } from './interop.ts'
import { DATA, READ, RequestLoad, WRITE } from './request-load.ts'

const EVERY_MS = 1000
const COUNTED = 200

export interface ScrapingOptions {
  /** How long each measurement lasts. */
  readonly seconds: number
  /** Measurements with nobody asking for metrics, and with somebody, by turns. */
  readonly rounds: number
}

/** Requests in a second: the medians of the rounds, and what those are, while metrics are asked for, of the others. */
export interface ScrapingResult extends ScrapingOptions {
  readonly reads: Rates
  readonly writes: Rates
  /** What Prometheus is told: how long it is, and what it costs the server, in which other work on the machine has little say. */
  readonly bytes: number
  readonly cpuMs: number
}

interface Rates {
  readonly alone: number
  readonly scraped: number
  readonly ratio: number
}

/** How many requests a server answers, and how many while Prometheus asks it for all metrics every second. */
export async function measureScraping({ seconds, rounds }: ScrapingOptions): Promise<ScrapingResult> {
  const metricsPort = await freePort()
  const config = {
    maxClientCnxns: '0',
    'metricsProvider.className': 'org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider',
    'metricsProvider.httpHost': '127.0.0.1',
    'metricsProvider.httpPort': String(metricsPort),
  }
  const server = await ServerProcess.start(VIVARIUM, { config })
  const usage = new ProcessUsage(server.pid)
  let bytes = 0
  const scrape = async (): Promise<void> => {
    const response = await fetch(`http://127.0.0.1:${metricsPort}/metrics`)
    if (!response.ok) throw new Error(`metrics were answered with ${response.status}`)
    bytes = (await response.arrayBuffer()).byteLength
  }
  try {
    await (await RawClient.connect(server.port)).create('/load', Buffer.from(DATA))
    const compare = async (request: RequestTemplate): Promise<Rates> => {
      const [alone, scraped]: [number[], number[]] = [[], []]
      const load = await RequestLoad.begin(() => connect(server.port, '127.0.0.1'), 'connect', request)
      await load.rateFor(seconds) // What is new to V8 is compiled meanwhile.
      for (let round = 0; round < rounds; round++) {
        const aloneFirst = round % 2 === 0
        if (aloneFirst) alone.push(await load.rateFor(seconds))
        scraped.push(await whileRepeating(scrape, () => load.rateFor(seconds)))
        if (!aloneFirst) alone.push(await load.rateFor(seconds))
      }
      load.end()
      const [without, beside] = [median(alone), median(scraped)]
      return { alone: without, scraped: beside, ratio: beside / without }
    }
    const [reads, writes] = [await compare(READ), await compare(WRITE)]
    const before = usage.cpuSeconds()
    for (let i = 0; i < COUNTED; i++) await scrape()
    const cpuMs = ((usage.cpuSeconds() - before) / COUNTED) * 1000
    return { seconds, rounds, reads, writes, bytes, cpuMs }
  } finally {
    await server.dispose()
  }
}

/** Does something at once, and every second from then on, until something else is done. */
async function whileRepeating<T>(repeated: () => Promise<void>, work: () => Promise<T>): Promise<T> {
  const errors: unknown[] = []
  const attempt = (): Promise<unknown> => repeated().catch((error) => errors.push(error))
  const underWay = [attempt()]
  const timer = setInterval(() => underWay.push(attempt()), EVERY_MS)
  const result = await work()
  clearInterval(timer)
  await Promise.all(underWay)
  if (errors.length > 0) throw errors[0]
  return result
}
