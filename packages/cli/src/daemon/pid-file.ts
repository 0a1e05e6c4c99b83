import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** The process that a file names; null if there is none, or it names no process. */
export function readPid(path: string): number | null {
  try {
    const pid = Number(readFileSync(path, 'utf8').trim())
    return Number.isSafeInteger(pid) && pid > 0 ? pid : null
  } catch {
    return null
  }
}

export function writePid(path: string, pid: number): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, String(pid))
}

export const removePid = (path: string): void => rmSync(path, { force: true })

/**
 * Whether a process runs that may be a server: numbers are used again, and a file can outlive its process by a start of the
 * machine. Where the system does not tell what runs, any process may.
 */
export function isServer(pid: number, proc = '/proc'): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  try {
    return /vivarium/.test(readFileSync(`${proc}/${pid}/cmdline`, 'utf8'))
  } catch {
    return true
  }
}
