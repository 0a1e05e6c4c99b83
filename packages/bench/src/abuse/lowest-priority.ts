import { writeFileSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
import type { Browser } from 'playwright-core'

const { PRIORITY_LOW, PRIORITY_NORMAL } = constants.priority

/**
 * Leaves a browser what others leave of the processors. That its threads are of the lowest priority is not enough on Linux, which
 * weighs sessions against each other before it looks at their threads: the browser's, too, is to weigh least (sched(7), autogroup).
 *
 * @returns what makes it one among others again, for those who may do that (the superuser)
 */
export async function yieldToOthers(browser: Browser): Promise<() => void> {
  const session = await browser.newBrowserCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  await session.detach()
  const weigh = (priority: number): void => {
    for (const { id } of processInfo) weighProcess(id, priority)
  }
  weigh(PRIORITY_LOW)
  return () => weigh(PRIORITY_NORMAL)
}

function weighProcess(id: number, priority: number): void {
  try {
    setPriority(id, priority)
    writeFileSync(`/proc/${id}/autogroup`, String(priority))
  } catch {
    // It has ended meanwhile; or there are no such groups here.
  }
}
