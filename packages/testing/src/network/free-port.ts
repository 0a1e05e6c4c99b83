import { once } from 'node:events'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Where processes that test at the same time tell each other which ports they have given away, in a file for each. */
const RESERVATIONS = join(tmpdir(), 'vivarium-ports')

/** Ports that were given away here: whoever got one may not listen yet. */
const taken = new Set<number>()

/**
 * A TCP port that was free a moment ago, below those that the kernel hands out by itself: a client that tries such a port
 * before the server listens can end up connected to itself. No other process is given it while this one runs.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    if (!reserve(port)) continue
    const server = createServer()
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => resolve(true))
    })
    if (!isFree) continue
    server.close()
    await once(server, 'close')
    return port
  }
}

function reserve(port: number): boolean {
  if (taken.has(port)) return false
  if (taken.size === 0) process.once('exit', giveBack)
  const file = fileOf(port)
  try {
    mkdirSync(RESERVATIONS, { recursive: true })
    writeFileSync(file, String(process.pid), { flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
      // One that was killed has left it: the port is for whoever draws it next.
      if (!isRunning(ownerOf(file))) rmSync(file, { force: true })
      return false
    }
    // Where nothing can be written, chance has to do.
  }
  taken.add(port)
  return true
}

function giveBack(): void {
  for (const port of taken) rmSync(fileOf(port), { force: true })
}

const fileOf = (port: number): string => join(RESERVATIONS, String(port))

function ownerOf(file: string): number {
  try {
    return Number(readFileSync(file, 'utf8'))
  } catch {
    return 0 // It has been given back meanwhile.
  }
}

/** The number 0 is no process; and who has just made the file may not have written into it yet. */
function isRunning(pid: number): boolean {
  if (pid === 0) return true
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
