import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { median } from '../compare/results.ts'
import { runLoad } from '../compare/run-load.ts'
import { FILL } from '../compare/scenarios.ts'
import { ProcessUsage } from '../load/process-usage.ts'
import { ask, startProcess } from './child-process.ts'
import { recordRequests } from './console-requests.ts'
import { freePort, ServerProcess, startBrowser, VIVARIUM } from './interop.ts'
import { yieldToOthers } from './lowest-priority.ts'

const LOAD = { path: '/load', clients: 20, pauseMs: 5, readsPerWrite: 9 }
const PAINTS = 5
/** Which views are open beside the load: the tree, where a folder of the load is, and what asks the server all the time. */
const VIEWS = ['tree?path=/load', 'metrics', 'sessions', 'ensemble']

export interface ConsoleOptions {
  readonly znodes: number
  /** How long each measurement lasts. */
  readonly seconds: number
  /** Measurements without a console, and with one, by turns. */
  readonly rounds: number
  /** Whether the console is open in a browser of this machine, at the lowest priority, rather than asked for as a browser does. */
  readonly inBrowser: boolean
}

export interface ConsoleResult extends ConsoleOptions {
  /** Until something is painted, and until the tree has its first rows: the medians of several visits. */
  readonly firstPaintMs: number
  readonly firstRowsMs: number
  /**
   * How many requests a browser made with the views open, from when they were opened; and how many of them were answered when they
   * were made again, or in a browser while clients were measured.
   */
  readonly requests: number
  readonly answered: number
  /** The medians of the rounds. */
  readonly p99WithoutMs: number
  readonly p99WithMs: number
  readonly ratio: number
  /** Of one processor, what the server takes. */
  readonly cpuWithout: number
  readonly cpuWith: number
}

interface Round {
  readonly p99Ms: number
  readonly cpuShare: number
}

/**
 * How soon the console shows itself before many znodes, and what clients notice of it.
 *
 * Who looks at a console is seldom on the server's machine: clients are to notice what the server does for it, not that a browser
 * wants the same processors, which the lowest priority does not keep it from. So a browser says once what it asks of the server
 * beside the clients, when and how often; and a small process asks all of that again while they are measured. Or, if that is
 * wanted, the browser itself has the views open meanwhile, and takes what the others leave.
 */
export async function measureConsole({ znodes, seconds, rounds, inBrowser }: ConsoleOptions): Promise<ConsoleResult> {
  const directory = mkdtempSync(join(tmpdir(), 'vivarium-bench-console-'))
  const port = await freePort()
  const config = {
    maxClientCnxns: '0',
    'admin.enableServer': 'true',
    'admin.serverAddress': '127.0.0.1',
    'admin.serverPort': String(port),
  }
  const server = await ServerProcess.start(VIVARIUM, { directory, config })
  const browser = await startBrowser()
  const [load, consoles] = [startProcess('paced-load-process.js'), startProcess('console-requests-process.js')]
  try {
    await runLoad(server, FILL, 0, znodes)
    const url = `http://127.0.0.1:${port}/console/`
    await visit(browser, url)
    const paints = await times(PAINTS, () => visit(browser, url))
    await ask(load, { ...LOAD, port: server.port })
    const pages = VIEWS.map((view) => `${url}#/${view}`)
    const [requests] = await Promise.all([recordRequests(browser, pages, seconds), ask(load, seconds)])
    if (!inBrowser) await browser.close()
    const usage = new ProcessUsage(server.pid)
    const run = async (): Promise<Round> => {
      const cpuSeconds = usage.cpuSeconds()
      const p99Ms = Number(await ask(load, seconds))
      return { p99Ms, cpuShare: (usage.cpuSeconds() - cpuSeconds) / seconds }
    }
    const without: Round[] = []
    const beside: Round[] = []
    const answered: number[] = []
    for (let round = 0; round < rounds; round++) {
      without.push(await run())
      if (inBrowser) {
        const views = await Promise.all(pages.map((page) => open(browser, page)))
        let heard = 0
        for (const view of views) {
          view.on('response', (response) => {
            if (response.ok()) heard++
          })
        }
        const resume = await yieldToOthers(browser)
        beside.push(await run())
        resume()
        answered.push(heard)
        for (const view of views) await view.context().close()
      } else {
        const [one, count] = await Promise.all([run(), ask(consoles, { requests, seconds })])
        beside.push(one)
        answered.push(Number(count))
      }
    }
    const [p99WithoutMs, p99WithMs] = [medianOf(without, 'p99Ms'), medianOf(beside, 'p99Ms')]
    return {
      znodes,
      seconds,
      rounds,
      inBrowser,
      firstPaintMs: medianOf(paints, 'paintMs'),
      firstRowsMs: medianOf(paints, 'rowsMs'),
      requests: requests.length,
      answered: median(answered),
      p99WithoutMs,
      p99WithMs,
      ratio: p99WithMs / p99WithoutMs,
      cpuWithout: medianOf(without, 'cpuShare'),
      cpuWith: medianOf(beside, 'cpuShare'),
    }
  } finally {
    for (const child of [load, consoles]) child.kill()
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

function medianOf<Name extends string>(all: readonly Readonly<Record<Name, number>>[], name: Name): number {
  return median(all.map((one) => one[name]))
}

async function times<T>(count: number, work: () => Promise<T>): Promise<T[]> {
  const all: T[] = []
  while (all.length < count) all.push(await work())
  return all
}
