import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'
import { PeerUnavailable, run } from '../install.ts'

/** Where Debian puts it, unless `VIVARIUM_CHROMIUM` says where another one is. */
const CHROMIUM = process.env.VIVARIUM_CHROMIUM ?? '/usr/bin/chromium'

/**
 * Starts Chromium, which is installed from Debian's packages the first time, with fonts.
 *
 * @throws {PeerUnavailable}
 */
export async function startBrowser(): Promise<Browser> {
  if (!existsSync(CHROMIUM)) install()
  try {
    // Who runs tests as root, in a container, has no sandbox inside it; and pages here are our own.
    return await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
  } catch (error) {
    throw new PeerUnavailable(`${CHROMIUM} does not start: ${error instanceof Error ? error.message : error}`)
  }
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
