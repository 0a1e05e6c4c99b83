import { writeFileSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
import type { Browser } from 'playwright-core'

/**
 * Leaves a browser what others leave of the processors. That its threads are of the lowest priority is not enough on Linux, which
 * weighs sessions against each other before it looks at their threads: the browser's, too, is to weigh least (sched(7), autogroup).
 */
export async function yieldToOthers(browser: Browser): Promise<void> {
  const session = await browser.newBrowserCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  for (const { id } of processInfo) {
    try {
      setPriority(id, constants.priority.PRIORITY_LOW)
      writeFileSync(`/proc/${id}/autogroup`, String(constants.priority.PRIORITY_LOW))
    } catch {
      // It has ended meanwhile; or there are no such groups here.
    }
  }
  await session.detach()
}
