import { connect } from 'node:net'
import { median } from '../compare/results.ts'
import { ProcessUsage } from '../load/process-usage.ts'
import type { RequestTemplate } from '../load/request-template.ts'
import { freePort, RawClient, ServerProcess, VIVARIUM } from './interop.ts'
import { DATA, READ, RequestLoad, WRITE } from './request-load.ts'
import { Scraper } from './scraper.ts'

const EVERY_MS = 1000
const COUNTED = 200
const WARM_SECONDS = 5

export interface ScrapingOptions {
  /** How long each measurement lasts. */
  readonly seconds: number
  /** Measurements with nobody asking for metrics, and with somebody, by turns. */
  readonly rounds: number
}

/** Requests in a second: medians of the rounds. */
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
  /** The median of the rounds' ratios, as what else the machine does is much the same for both halves of a short round. */
  readonly ratio: number
  /** The same of requests for a second of the server's CPU time, in which other work on the machine has little say. */
  readonly cpuRatio: number
}

/** Of one measurement: answers in a second, and for a second of the server's CPU time. */
interface Measured {
  readonly rate: number
  readonly cpuRate: number
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
  const scraper = await Scraper.connect(metricsPort)
  try {
    await (await RawClient.connect(server.port)).create('/load', Buffer.from(DATA))
    const measure = async (load: RequestLoad): Promise<Measured> => {
      const before = usage.cpuSeconds()
      const rate = await load.rateFor(seconds)
      return { rate, cpuRate: (rate * seconds) / (usage.cpuSeconds() - before) }
    }
    const compare = async (request: RequestTemplate): Promise<Rates> => {
      const load = await RequestLoad.begin(() => connect(server.port, '127.0.0.1'), 'connect', request)
      await load.rateFor(WARM_SECONDS) // What is new to V8 is compiled meanwhile.
      const [alone, scraped]: [Measured[], Measured[]] = [[], []]
      for (let round = 0; round < rounds; round++) {
        const aloneFirst = round % 2 === 0
        if (aloneFirst) alone.push(await measure(load))
        scraped.push(
          await whileRepeating(
            () => scraper.ask(),
            () => measure(load),
          ),
        )
        if (!aloneFirst) alone.push(await measure(load))
      }
      load.end()
      const ratioOf = (figure: keyof Measured): number =>
        median(scraped.map((beside, round) => beside[figure] / (alone[round]?.[figure] ?? Number.NaN)))
      const [without, beside] = [alone, scraped].map((measured) => median(measured.map(({ rate }) => rate)))
      return { alone: without!, scraped: beside!, ratio: ratioOf('rate'), cpuRatio: ratioOf('cpuRate') }
    }
    const [reads, writes] = [await compare(READ), await compare(WRITE)]
    const before = usage.cpuSeconds()
    for (let i = 0; i < COUNTED; i++) await scraper.ask()
    const cpuMs = ((usage.cpuSeconds() - before) / COUNTED) * 1000
    return { seconds, rounds, reads, writes, bytes: scraper.bytes, cpuMs }
  } finally {
    scraper.end()
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
