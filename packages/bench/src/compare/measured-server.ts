import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { ProcessUsage } from '../load/process-usage.ts'
import type { Contender } from './contender.ts'
import { freePort, RawClient } from './interop.ts'

const POLL_MS = 5
const LONGEST_START_MS = 600_000
const LONGEST_STOP_MS = 30_000

const running = new Set<MeasuredServer>()
process.on('exit', () => {
  for (const server of running) server.signal('SIGKILL')
})

/** A standalone server with a data directory of its own, which can be started again. */
export class MeasuredServer {
  readonly port: number
  readonly #contender: Contender
  readonly #directory: string
  #child: ChildProcess | null = null
  #exited: Promise<unknown> = Promise.resolve()
  #starts = 0

  private constructor(contender: Contender, directory: string, port: number) {
    this.#contender = contender
    this.#directory = directory
    this.port = port
  }

  /** Writes the configuration; nothing runs yet. */
  static async create(contender: Contender, directory: string): Promise<MeasuredServer> {
    const port = await freePort()
    mkdirSync(join(directory, 'data'), { recursive: true })
    const lines = [
      'tickTime=2000',
      `dataDir=${join(directory, 'data')}`,
      `clientPort=${port}`,
      'maxClientCnxns=0',
      'admin.enableServer=false',
      '4lw.commands.whitelist=*',
    ]
    writeFileSync(join(directory, 'zoo.cfg'), `${lines.join('\n')}\n`)
    return new MeasuredServer(contender, directory, port)
  }

  /** Starts the server and returns how many seconds passed until a client had created a znode. */
  async start(): Promise<number> {
    const log = openSync(join(this.#directory, 'server.log'), 'a')
    const started = performance.now()
    // In a process group of its own, so that whatever the command runs ends with it.
    const child = spawn('sh', ['-c', `exec ${this.#contender.command} "$0"`, join(this.#directory, 'zoo.cfg')], {
      stdio: ['ignore', log, log],
      detached: true,
    })
    closeSync(log)
    this.#child = child
    this.#exited = once(child, 'exit')
    this.#starts++
    running.add(this)
    while (!(await this.#writes())) {
      if (child.exitCode !== null || child.signalCode !== null || performance.now() - started > LONGEST_START_MS) {
        throw new Error(`${this.#contender.name} does not start; its log ends with:\n${this.#logTail()}`)
      }
      await delay(POLL_MS)
    }
    return (performance.now() - started) / 1000
  }

  /** The process of the server itself, below any that only wrap it. */
  get pid(): number {
    let pid = this.#child?.pid ?? 0
    for (;;) {
      const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ')
      if (children[0] === undefined || children[0] === '') return pid
      pid = Number(children[0])
    }
  }

  residentBytes(): number {
    return new ProcessUsage(this.pid).residentBytes()
  }

  /** How many children a znode has. */
  async countChildren(path: string): Promise<number> {
    const client = await RawClient.connect(this.port)
    const stat = await client.exists(path)
    await client.close()
    return stat?.numChildren ?? 0
  }

  /** Asks the server to stop, or ends it as `kill -9` does, and waits until it is gone. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    this.signal(signal)
    const timer = setTimeout(() => this.signal('SIGKILL'), LONGEST_STOP_MS)
    await this.#exited
    clearTimeout(timer)
    running.delete(this)
  }

  signal(signal: 'SIGTERM' | 'SIGKILL'): void {
    const pid = this.#child?.pid
    if (pid === undefined) return
    try {
      process.kill(-pid, signal)
    } catch {
      // It is gone already.
    }
  }

  /** Whether a znode can be created; each start creates one of its own. */
  async #writes(): Promise<boolean> {
    let client: RawClient
    try {
      client = await RawClient.connect(this.port)
    } catch {
      return false
    }
    try {
      await client.create(`/started-${this.#starts}`)
      return true
    } catch {
      return false
    } finally {
      client.destroy()
    }
  }

  #logTail(): string {
    return readFileSync(join(this.#directory, 'server.log'), 'utf8').slice(-2000)
  }
}
