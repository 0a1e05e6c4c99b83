import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { apacheJava } from './apache.ts'
import { REPOSITORY } from './install.ts'
import { RawClient } from './raw-client.ts'

/** How one implementation is started. */
export interface ServerKind {
  readonly name: string
  /**
   * The command line, given the path of a zoo.cfg. `system` are settings that Apache takes only as system properties
   * (`jute.maxbuffer`, `znode.container.checkIntervalMs`), by their full names.
   */
  command(configFile: string, system: Readonly<Record<string, string>>): { file: string; args: string[] }
  /** Whether `system` settings go into zoo.cfg instead. */
  readonly systemInConfig: boolean
}

export const APACHE: ServerKind = {
  name: 'apache',
  systemInConfig: false,
  command: (configFile, system) => ({
    file: 'java',
    args: apacheJava('org.apache.zookeeper.server.quorum.QuorumPeerMain', [configFile], {
      'zookeeper.admin.enableServer': 'false',
      ...system,
    }),
  }),
}

export const VIVARIUM: ServerKind = {
  name: 'vivarium',
  systemInConfig: true,
  command: (configFile) => ({
    file: process.execPath,
    args: [join(REPOSITORY, 'packages', 'cli', 'bin', 'vivarium.js'), 'server', configFile],
  }),
}

/** A server started by a shell command that takes the path of a zoo.cfg as one more argument. */
export function commandKind(name: string, command: string): ServerKind {
  return {
    name,
    systemInConfig: true,
    command: (configFile) => ({ file: 'sh', args: ['-c', `exec ${command} "$0"`, configFile] }),
  }
}

export interface ServerOptions {
  /** Lines of zoo.cfg on top of the usual ones. */
  config?: Readonly<Record<string, string>>
  system?: Readonly<Record<string, string>>
  /** A directory to go on with; by default a fresh one, removed at the end. */
  directory?: string
  /** Where clients connect; by default a free port. */
  port?: number
  /** False: it may take no sessions yet, as a member of an ensemble without a quorum. */
  waits?: boolean
}

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** A server in a directory of its own, listening on a free port of this machine. */
export class ServerProcess {
  readonly kind: ServerKind
  readonly directory: string
  readonly port: number
  readonly #child: ChildProcess
  readonly #exit: Promise<string>
  readonly #ownsDirectory: boolean
  /** How the process ended (`exit code 1`, `SIGKILL`), or `null` while it runs. */
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

  /** Starts a server and waits until it takes sessions. Throws with the end of its log when it exits instead. */
  static async start(kind: ServerKind, options: ServerOptions = {}): Promise<ServerProcess> {
    const directory = options.directory ?? mkdtempSync(join(tmpdir(), `interop-${kind.name}-`))
    const port = options.port ?? (await freePort())
    mkdirSync(join(directory, 'data'), { recursive: true })
    const configFile = join(directory, 'zoo.cfg')
    const settings: Record<string, string> = {
      tickTime: '2000',
      dataDir: join(directory, 'data'),
      clientPort: String(port),
      clientPortAddress: '127.0.0.1',
      maxClientCnxns: '0',
      'admin.enableServer': 'false',
      '4lw.commands.whitelist': '*',
      ...(kind.systemInConfig ? options.system : {}),
      ...options.config,
    }
    const lines = Object.entries(settings).map(([key, value]) => `${key}=${value}\n`)
    writeFileSync(configFile, lines.join(''))
    const log = openSync(join(directory, 'server.log'), 'a')
    const { file, args } = kind.command(configFile, options.system ?? {})
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
    return new Promise((resolve, reject) => {
      const socket = connect({ port: this.port, host: '127.0.0.1' }, () => socket.write(word))
      let answer = ''
      socket.on('data', (chunk) => {
        answer += chunk
      })
      socket.on('error', reject)
      socket.on('close', () => resolve(answer))
    })
  }

  /** Asks the server to stop and waits until it has; returns how it ended. */
  async stop(): Promise<string> {
    this.#child.kill('SIGTERM')
    return await this.#exit
  }

  /** Sends a signal, such as SIGSTOP. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** Ends the process the hard way, as `kill -9` does. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#exit
  }

  /**
   * Kills the server if it still runs, and removes its directory unless it was given or `VIVARIUM_INTEROP_KEEP` is set, for
   * whoever wants to read its log.
   */
  async dispose(): Promise<void> {
    if (this.ended === null) await this.kill()
    if (this.#ownsDirectory && process.env.VIVARIUM_INTEROP_KEEP === undefined)
      rmSync(this.directory, { recursive: true, force: true })
  }

  /** The end of what the server printed. */
  logTail(characters = 2000): string {
    return readFileSync(join(this.directory, 'server.log'), 'utf8').slice(-characters)
  }

  async #ready(): Promise<void> {
    for (let attempt = 0; attempt < 2000; attempt++) {
      if (this.ended !== null || this.#child.pid === undefined) break
      const client = await RawClient.connect(this.port).catch(() => null)
      if (client !== null) return await client.close()
      await delay(20)
    }
    const tail = this.logTail()
    await this.dispose()
    throw new Error(`${this.kind.name} did not start (${this.ended ?? 'no answer'}):\n${tail}`)
  }
}

/**
 * A TCP port that was free a moment ago, below those that the kernel hands out by itself: a client that tries such a port
 * before the server listens can end up connected to itself.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    const server = createServer()
    const free = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => resolve(true))
    })
    if (!free) continue
    server.close()
    await once(server, 'close')
    return port
  }
}
