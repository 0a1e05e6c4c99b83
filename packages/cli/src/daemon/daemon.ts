import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { ServerConfig } from '@vivarium/server'
import { ExitCode } from '../exit-code.ts'
import { isServer, readPid, removePid, writePid } from './pid-file.ts'

/** How long `start` waits for a server to serve before it leaves it to load its data. */
const START_MS = 10_000
/** How long `stop` waits for a server to end. */
const STOP_MS = 60_000
const POLL_MS = 50
/** So much of the output is shown of a server that did not start. */
const TAIL_CHARACTERS = 2000

export interface Daemon {
  readonly config: ServerConfig
  /** The command line that runs the server in the foreground. */
  readonly command: readonly [file: string, ...args: string[]]
  readonly pidFile: string
  readonly outputFile: string
}

/** What a server in the background tells whoever started it, over the channel that it was given. */
export const SERVING = 'serving'

type Say = (text: string) => void

/** Starts a server in the background (`zkServer.sh start`), and waits until it serves. Returns the exit code. */
export async function startDaemon(daemon: Daemon, say: Say): Promise<number> {
  say('Starting zookeeper ... ')
  const running = readPid(daemon.pidFile)
  if (running !== null && isServer(running)) {
    say(`already running as process ${running}.\n`)
    return ExitCode.UNEXPECTED
  }
  mkdirSync(dirname(daemon.outputFile), { recursive: true })
  const output = openSync(daemon.outputFile, 'a')
  const [file, ...args] = daemon.command
  const child = spawn(file, args, { detached: true, stdio: ['ignore', output, output, 'ipc'] })
  closeSync(output)
  const state = await settled(child)
  if (state === 'ended' || child.pid === undefined) {
    say(`FAILED TO START\n${tailOf(daemon.outputFile)}`)
    return child.exitCode ?? ExitCode.UNEXPECTED
  }
  try {
    writePid(daemon.pidFile, child.pid)
  } catch (error) {
    child.kill()
    say(`FAILED TO WRITE PID (${(error as Error).message})\n`)
    return ExitCode.UNEXPECTED
  }
  if (child.connected) child.disconnect()
  child.unref()
  say(state === 'serving' ? 'STARTED\n' : `STARTED (still loading its data: see ${daemon.outputFile})\n`)
  return ExitCode.OK
}

/** Waits until a server serves or has ended, or it takes too long. */
function settled(child: ChildProcess): Promise<'serving' | 'ended' | 'loading'> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve('loading'), START_MS)
    const settle = (state: 'serving' | 'ended'): void => {
      clearTimeout(timer)
      resolve(state)
    }
    child.on('message', (message) => {
      if (message === SERVING) settle('serving')
    })
    child.on('exit', () => settle('ended'))
    child.on('error', () => settle('ended'))
  })
}

/** Stops a server that was started so (`zkServer.sh stop`), and waits until it has ended. Returns the exit code. */
export async function stopDaemon({ pidFile }: Pick<Daemon, 'pidFile'>, say: Say): Promise<number> {
  say('Stopping zookeeper ... ')
  const pid = readPid(pidFile)
  if (pid === null) {
    say(`no zookeeper to stop (could not find file ${pidFile})\n`)
    return ExitCode.OK
  }
  if (isServer(pid)) {
    process.kill(pid, 'SIGTERM')
    for (let waitedMs = 0; isServer(pid); waitedMs += POLL_MS) {
      if (waitedMs >= STOP_MS) {
        say(`process ${pid} has not ended after ${STOP_MS / 1000} s\n`)
        return ExitCode.UNEXPECTED
      }
      await delay(POLL_MS)
    }
  }
  removePid(pidFile)
  say('STOPPED\n')
  return ExitCode.OK
}

/** The command line of a server, as a shell would take it (`zkServer.sh print-cmd`). */
export const commandLine = ({ command, outputFile }: Daemon): string =>
  `${[...command].map(quoted).join(' ')} > ${quoted(outputFile)} 2>&1 < /dev/null`

const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)

function tailOf(path: string): string {
  const text = readFileSync(path, 'utf8').slice(-TAIL_CHARACTERS)
  return `The end of ${path}:\n${text}`
}
