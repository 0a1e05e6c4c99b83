import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { CACHE, REPOSITORY } from '../install.ts'

/** Those that the documentation shows. */
const DOCUMENTED = new Set([
  'diff-1280-light',
  'election',
  'history-1280-dark',
  'metrics-1280-light',
  'recipes-1280-dark',
  'recipes-400-light',
  'three-members',
  'znode-1280-light',
  'znode-400-dark',
])
/** They are put there only when that is wanted: each run makes others, by the times that they show. */
const WANTED = process.env.VIVARIUM_PICTURES === '1'

/** Takes a picture of a page as it is. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = WANTED && DOCUMENTED.has(name) ? join(REPOSITORY, 'docs', 'console') : join(CACHE, 'console')
  mkdirSync(folder, { recursive: true })
  await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' })
}
