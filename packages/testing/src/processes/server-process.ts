import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, fstatSync, mkdirSync, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fourLetterWord, modeOf } from '../four-letter-word.ts'
import { freePort } from '../network/free-port.ts'
import { type Running, writeConfig } from './running.ts'
import type { ServerKind } from './server-kind.ts'

export interface ServerOptions {
  /** Lines of zoo.cfg on top of the usual ones. */
  config?: Readonly<Record<string, string>>
  system?: Readonly<Record<string, string>>
  /** A directory to go on with; by default a fresh one, removed at the end. */
  directory?: string
  /** Where clients connect; by default a free port. */
  port?: number
  /** False: it may serve nobody yet, as a member of an ensemble without a quorum. */
  waits?: boolean
}

const POLL_MS = 20
const MOST_POLLS = 2000

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** A server in a process and a directory of its own, listening on a free port of this machine. */
export class ServerProcess implements Running {
  readonly kind: ServerKind
  readonly directory: string
  readonly port: number
  readonly #child: ChildProcess
  readonly #exit: Promise<string>
  readonly #ownsDirectory: boolean
  ended: string | null = null

  private constructor(kind: ServerKind, directory: string, port: number, child: ChildProcess, ownsDirectory: boolean) {
    this.kind = kind
    this.directory = directory
    this.port = port
    this.#child = child
    this.#ownsDirectory = ownsDirectory
    running.add(child)
    this.#exit = once(child, 'exit').then(([code, signal]) => {
      running.delete(child)
      this.ended = signal === null ? `exit code ${code}` : String(signal)
      return this.ended
    })
  }

  /** Starts a server and waits until it serves. Throws with the end of its log when it exits instead. */
  static async start(kind: ServerKind, options: ServerOptions = {}): Promise<ServerProcess> {
    const directory = options.directory ?? mkdtempSync(join(tmpdir(), `vivarium-${kind.name}-`))
    mkdirSync(directory, { recursive: true })
    const port = options.port ?? (await freePort())
    const config = { ...(kind.systemInConfig ? options.system : {}), ...options.config }
    const { file, args } = kind.command(writeConfig({ directory, port, config }), options.system ?? {})
    const log = openSync(join(directory, 'server.log'), 'a')
    const child = spawn(file, args, { stdio: ['ignore', log, log] })
    child.on('error', () => {}) // Told by the exit that never comes: `ready` gives up, with the log.
    closeSync(log)
    const server = new ServerProcess(kind, directory, port, child, options.directory === undefined)
    if (options.waits !== false) await server.#ready()
    return server
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** The process's resident memory, in bytes. */
  residentBytes(): number {
    return Number(readFileSync(`/proc/${this.pid}/statm`, 'utf8').split(' ')[1]) * 4096
  }

  /** The answer to a four-letter word. */
  word(word: string): Promise<string> {
    return fourLetterWord(this.port, word)
  }

  /** Asks the server to stop and waits until it has; returns how it ended. */
  async stop(): Promise<string> {
    this.#child.kill('SIGTERM')
    return await this.#exit
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** Ends the process the hard way, as `kill -9` does. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#exit
  }

  /**
   * Kills the server if it still runs, and removes its directory unless it was given or `VIVARIUM_TESTING_KEEP` is set, for
   * whoever wants to read its log.
   */
  async dispose(): Promise<void> {
    if (this.ended === null) await this.kill()
    if (this.#ownsDirectory && process.env.VIVARIUM_TESTING_KEEP === undefined)
      rmSync(this.directory, { recursive: true, force: true })
  }

  logTail(characters = 2000): string {
    // Of a log that may be too long for a string.
    const file = openSync(join(this.directory, 'server.log'), 'r')
    try {
      const end = fstatSync(file).size
      const bytes = Buffer.alloc(Math.min(end, 4 * characters))
      readSync(file, bytes, 0, bytes.length, end - bytes.length)
      return bytes.toString().slice(-characters)
    } finally {
      closeSync(file)
    }
  }

  async #ready(): Promise<void> {
    for (let poll = 0; poll < MOST_POLLS; poll++) {
      if (this.ended !== null || this.#child.pid === undefined) break
      if ((await modeOf(this.port)) !== null) return
      await delay(POLL_MS)
    }
    const tail = this.logTail()
    await this.dispose()
    throw new Error(`${this.kind.name} did not start (${this.ended ?? 'no answer'}):\n${tail}`)
  }
}
