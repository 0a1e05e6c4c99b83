import { Agent, get } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { Browser } from 'playwright-core'

/** What a page asked of its server. */
export interface PageRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** In milliseconds, since the first page was opened. */
  readonly atMs: number
}

/** What a browser asks for in the first `seconds` that these pages are open in it, with nothing in its cache. */
export async function recordRequests(
  browser: Browser,
  urls: readonly string[],
  seconds: number,
): Promise<PageRequest[]> {
  const requests: PageRequest[] = []
  const begun = performance.now()
  const ended = delay(seconds * 1000)
  const pages = await Promise.all(
    urls.map(async (url) => {
      const page = await (await browser.newContext()).newPage()
      page.on('request', (request) => {
        requests.push({ url: request.url(), headers: request.headers(), atMs: performance.now() - begun })
      })
      await page.goto(url)
      await page.locator('main').waitFor()
      return page
    }),
  )
  await ended
  for (const page of pages) await page.context().close()
  return requests.filter(({ url, atMs }) => url.startsWith('http:') && atMs < seconds * 1000)
}

/**
 * Asks the same again, each at its time, and takes what is answered; streams are read until all is over.
 *
 * @returns how many were answered with a status of 200
 */
export async function replayRequests(requests: readonly PageRequest[], seconds: number): Promise<number> {
  const agent = new Agent({ keepAlive: true })
  let answered = 0
  const timers = requests.map(({ url, headers, atMs }) =>
    setTimeout(() => {
      const request = get(url, { agent, headers }, (response) => {
        if (response.statusCode === 200) answered++
        response.on('error', () => {}).resume()
      })
      request.on('error', () => {})
    }, atMs),
  )
  await delay(seconds * 1000)
  for (const timer of timers) clearTimeout(timer)
  agent.destroy()
  return answered
}
