import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What cannot be had on this machine; the message says what failed. */
export class PeerUnavailable extends Error {
  override readonly name = 'PeerUnavailable'
}

/** Runs a command to its end and returns what it printed. @throws {PeerUnavailable} when it fails */
export function run(
  file: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): string {
  const { status, error, stdout, stderr } = spawnSync(file, args, {
    ...options,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    timeout: 300_000,
  })
  if (error) throw new PeerUnavailable(`${file} could not be run: ${error.message}`)
  if (status !== 0) throw new PeerUnavailable(`${file} ${args.join(' ')} failed:\n${`${stdout}${stderr}`.slice(-2000)}`)
  return stdout
}

/**
 * Makes a folder once: `make` fills it, and is not called again while what `key` was made from (versions, sources) stays
 * the same. A folder left half made by an earlier failure is made afresh.
 */
export function madeOnce(folder: string, key: readonly string[], make: (folder: string) => void): string {
  const marker = join(folder, '.made-from')
  const hash = createHash('sha256').update(key.join('\0')).digest('hex')
  if (existsSync(marker) && readFileSync(marker, 'utf8') === hash) return folder
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  make(folder)
  writeFileSync(marker, hash)
  return folder
}
