import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Browser, Page } from 'playwright-core'
import { median } from '../compare/results.ts'
import { runLoad } from '../compare/run-load.ts'
import { FILL } from '../compare/scenarios.ts'
import { Histogram } from '../load/histogram.ts'
import { freePort, RawClient, ServerProcess, startBrowser, VIVARIUM } from './interop.ts'

const OP_GET_DATA = 4
const OP_SET_DATA = 5
const CLIENTS = 20
const PAUSE_MS = 5
const READS_PER_WRITE = 9
const PAINTS = 5
/** Which views are open beside the load: the tree, where a folder of the load is, and what asks the server all the time. */
const VIEWS = ['tree?path=/load', 'metrics', 'sessions', 'ensemble']

export interface ConsoleOptions {
  readonly znodes: number
  /** How long each measurement lasts. */
  readonly seconds: number
  /** Measurements without a console, and with one, by turns. */
  readonly rounds: number
}

export interface ConsoleResult extends ConsoleOptions {
  /** Until something is painted, and until the tree has its first rows: the medians of several visits. */
  readonly firstPaintMs: number
  readonly firstRowsMs: number
  /** The medians of the rounds. */
  readonly p99WithoutMs: number
  readonly p99WithMs: number
  readonly ratio: number
}

/** How soon the console shows itself before many znodes, and what clients notice of it. */
export async function measureConsole({ znodes, seconds, rounds }: ConsoleOptions): Promise<ConsoleResult> {
  const directory = mkdtempSync(join(tmpdir(), 'vivarium-bench-console-'))
  const port = await freePort()
  const config = {
    maxClientCnxns: '0',
    'admin.enableServer': 'true',
    'admin.serverAddress': '127.0.0.1',
    'admin.serverPort': String(port),
  }
  const server = await ServerProcess.start(VIVARIUM, { directory, config })
  let browser = await startBrowser()
  try {
    await runLoad(server, FILL, 0, znodes)
    const url = `http://127.0.0.1:${port}/console/`
    await visit(browser, url)
    const paints = await times(PAINTS, () => visit(browser, url))
    await browser.close()
    // Who looks at a console is seldom on the server's machine: what is measured is what the server does for it.
    browser = await startBrowser(true)
    const clients = await Promise.all(Array.from({ length: CLIENTS }, () => RawClient.connect(server.port)))
    await clients[0]?.create('/load', Buffer.alloc(100))
    await requestFor(clients, seconds)
    const without: number[] = []
    const beside: number[] = []
    for (let round = 0; round < rounds; round++) {
      without.push((await requestFor(clients, seconds)).percentile(0.99))
      const pages = await Promise.all(VIEWS.map((view) => open(browser, `${url}#/${view}`)))
      beside.push((await requestFor(clients, seconds)).percentile(0.99))
      for (const page of pages) await page.context().close()
    }
    for (const client of clients) client.destroy()
    const [p99WithoutMs, p99WithMs] = [median(without), median(beside)]
    return {
      znodes,
      seconds,
      rounds,
      firstPaintMs: median(paints.map(({ paintMs }) => paintMs)),
      firstRowsMs: median(paints.map(({ rowsMs }) => rowsMs)),
      p99WithoutMs,
      p99WithMs,
      ratio: p99WithMs / p99WithoutMs,
    }
  } finally {
    await browser.close()
    await server.dispose()
    rmSync(directory, { recursive: true, force: true })
  }
}

/** With nothing in the browser's cache. */
async function open(browser: Browser, url: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage()
  await page.goto(url)
  await page.locator('main').waitFor()
  return page
}

async function visit(browser: Browser, url: string): Promise<{ readonly paintMs: number; readonly rowsMs: number }> {
  const page = await open(browser, url)
  const rowsMs = await page.evaluate<number>(`new Promise((resolve) => {
    const look = () => document.querySelector('.tree-row[data-path]:not([data-path="/"])') === null
      ? requestAnimationFrame(look) : resolve(performance.now())
    look()
  })`)
  const paintMs = await page.evaluate<number>(`performance.getEntriesByName('first-contentful-paint')[0].startTime`)
  await page.context().close()
  return { paintMs, rowsMs }
}

/** So many requests as many clients make: nothing is saturated, and who is late was kept waiting. */
async function requestFor(clients: readonly RawClient[], seconds: number): Promise<Histogram> {
  const histogram = new Histogram()
  const path = Buffer.from([0, 0, 0, 5, ...Buffer.from('/load')])
  const get = Buffer.concat([path, Buffer.from([0])])
  const set = Buffer.concat([path, Buffer.from([0, 0, 0, 1, 120, 255, 255, 255, 255])])
  const until = performance.now() + seconds * 1000
  await Promise.all(
    clients.map(async (client) => {
      for (let request = 0; performance.now() < until; request++) {
        const started = performance.now()
        if (request % (READS_PER_WRITE + 1) === 0) await client.call(OP_SET_DATA, set)
        else await client.call(OP_GET_DATA, get)
        histogram.record(performance.now() - started)
        await delay(PAUSE_MS)
      }
    }),
  )
  return histogram
}

async function times<T>(count: number, work: () => Promise<T>): Promise<T[]> {
  const all: T[] = []
  while (all.length < count) all.push(await work())
  return all
}
