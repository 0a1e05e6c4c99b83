import { joinPath, uuid, type ZooKeeper } from '@vivarium/client'
import type { Command } from '../command.ts'
import { CliError, checkPath } from '../failure.ts'

const DEFAULTS = { n: 10_000, c: 64, size: 100 }
const MOST = 10_000_000

/** What one kind of request took. */
interface Figures {
  readonly operation: string
  readonly requests: number
  readonly perSecond: number
  /** Of single requests, in milliseconds. */
  readonly p50: number
  readonly p99: number
  readonly max: number
}

export const bench: Command = {
  name: 'bench',
  usage: '[-n requests] [-c at once] [-size bytes] [path]',
  summary:
    `creates, reads, writes and deletes znodes below a path of its own (default: below /), ${DEFAULTS.n} of each, ${DEFAULTS.c} at a ` +
    'time from one session, and says how long that took. What it created is gone afterwards',
  options: { n: true, c: true, size: true },
  atMost: 1,
  async run({ zk, args, words: [parent = '/'], print, signal }) {
    const limit = (name: keyof typeof DEFAULTS, least: number): number => {
      const value = args.int(name) ?? DEFAULTS[name]
      if (value < least || value > MOST) throw new CliError(`-${name} argument must be between ${least} and ${MOST}`)
      return value
    }
    const [requests, atOnce] = [limit('n', 1), limit('c', 1)]
    const data = Buffer.alloc(limit('size', 0), 'x')
    const root = joinPath(checkPath(parent), `vivarium-bench-${uuid(zk.env.random)}`)
    const path = (i: number): string => `${root}/n${i}`
    const operations: readonly [name: string, one: (i: number) => Promise<unknown>][] = [
      ['create', (i) => zk.create(path(i), { data })],
      ['getData', (i) => zk.getData(path(i))],
      ['setData', (i) => zk.setData(path(i), data)],
      ['delete', (i) => zk.delete(path(i))],
    ]
    await zk.create(root)
    try {
      print(HEADING, { requests, atOnce, bytes: data.length })
      for (const [operation, one] of operations) {
        const figures = await measure(operation, requests, atOnce, one, signal)
        print(row(figures), figures)
      }
    } finally {
      await cleanUp(zk, root)
    }
  },
}

async function measure(
  operation: string,
  requests: number,
  atOnce: number,
  one: (i: number) => Promise<unknown>,
  signal: AbortSignal,
): Promise<Figures> {
  const took = new Float64Array(requests)
  let next = 0
  const lane = async (): Promise<void> => {
    for (let i = next++; i < requests; i = next++) {
      signal.throwIfAborted()
      const from = performance.now()
      await one(i)
      took[i] = performance.now() - from
    }
  }
  const started = performance.now()
  await Promise.all(Array.from({ length: Math.min(atOnce, requests) }, lane))
  const seconds = (performance.now() - started) / 1000
  took.sort()
  const percentile = (share: number): number => Number((took[Math.ceil(share * requests) - 1] as number).toFixed(3))
  const perSecond = Math.round(requests / seconds)
  return { operation, requests, perSecond, p50: percentile(0.5), p99: percentile(0.99), max: percentile(1) }
}

const cells = (values: readonly (string | number)[]): string =>
  values.map((value, i) => (i === 0 ? String(value).padEnd(10) : String(value).padStart(12))).join('')
const HEADING = cells(['', 'requests', 'per second', 'p50 ms', 'p99 ms', 'max ms'])
const row = ({ operation, requests, perSecond, p50, p99, max }: Figures): string =>
  cells([operation, requests, perSecond, p50, p99, max])

/** Whatever became of the rest. */
async function cleanUp(zk: ZooKeeper, root: string): Promise<void> {
  await zk.deleteRecursive(root).catch(() => {})
}
