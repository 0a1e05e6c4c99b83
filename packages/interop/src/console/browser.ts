import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import { CACHE, PeerUnavailable, run } from '../install.ts'

/** Where Debian puts it, unless `VIVARIUM_CHROMIUM` says where another one is. */
const CHROMIUM = process.env.VIVARIUM_CHROMIUM ?? '/usr/bin/chromium'

/**
 * Starts Chromium, which is installed from Debian's packages the first time, with fonts.
 *
 * @param polite whether it takes only the time of the processors that nobody else wants, as one on another machine would: whatever class
 *   of scheduling this process has
 * @throws {PeerUnavailable}
 */
export async function startBrowser(polite = false): Promise<Browser> {
  if (!existsSync(CHROMIUM)) install()
  try {
    const executablePath = polite ? politeChromium() : CHROMIUM
    // Who runs tests as root, in a container, has no sandbox inside it; and pages here are our own.
    return await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
  } catch (error) {
    throw new PeerUnavailable(`${CHROMIUM} does not start: ${error instanceof Error ? error.message : error}`)
  }
}

function politeChromium(): string {
  const file = join(CACHE, 'polite-chromium')
  mkdirSync(CACHE, { recursive: true })
  writeFileSync(file, `#!/bin/sh\nexec chrt -o 0 nice -n 19 ${CHROMIUM} "$@"\n`, { mode: 0o755 })
  return file
}

function install(): void {
  if (process.env.VIVARIUM_CHROMIUM !== undefined) throw new PeerUnavailable(`${CHROMIUM} is not there`)
  const packages = ['install', '-y', '--no-install-recommends', 'chromium', 'fonts-dejavu-core', 'fonts-noto-core']
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  try {
    run('apt-get', packages, { env })
  } catch {
    run('apt-get', ['update'])
    run('apt-get', packages, { env })
  }
}
