import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { digestId } from '@vivarium/protocol'
import { addressOf, CLIENT_PORT } from '@vivarium/sim'
import { VIVARIUM } from '../server-process.ts'
import { CONFIG, type Lab, type LabServer, SIZE, SUPER, type Undo } from './lab.ts'

/** Enough for the files of a run, and soon full. */
const DISK_BYTES = 96 << 20
const LAB_ADDRESS = '10.0.0.254'

function run(file: string, ...args: string[]): void {
  const { status, stderr, error } = spawnSync(file, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${file} ${args.join(' ')}: ${error?.message ?? stderr.trim()}`)
}

const ip = (...args: string[]): void => run('ip', ...args)

/**
 * Servers in network namespaces and on small disks of their own. This process has to be in a network and a mount namespace
 * that nobody else uses (`unshare --net --mount`): with them everything that is made here goes away.
 */
export class Namespaces implements Lab {
  readonly name = 'network namespaces'
  readonly servers: readonly LabServer[]
  readonly #directory: string
  readonly #children = new Map<number, ChildProcess>()

  constructor() {
    this.#directory = mkdtempSync(join(tmpdir(), 'interop-lab-'))
    // Names of namespaces are kept below it, for all the machine otherwise.
    run('mount', '-t', 'tmpfs', 'tmpfs', '/run')
    ip('link', 'set', 'lo', 'up')
    ip('link', 'add', 'lab', 'type', 'bridge')
    ip('addr', 'add', `${LAB_ADDRESS}/24`, 'dev', 'lab')
    ip('link', 'set', 'lab', 'up')
    const sids = Array.from({ length: SIZE }, (_, index) => index + 1)
    this.servers = sids.map((sid) => {
      return { sid, host: addressOf(sid), port: CLIENT_PORT, directory: join(this.#directory, String(sid)) }
    })
    for (const server of this.servers) this.#layOut(server)
  }

  #layOut({ sid, host, port, directory }: LabServer): void {
    const [namespace, near] = [`s${sid}`, `lab${sid}`]
    ip('netns', 'add', namespace)
    ip('link', 'add', near, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace)
    ip('link', 'set', near, 'master', 'lab', 'up')
    ip('-n', namespace, 'link', 'set', 'lo', 'up')
    ip('-n', namespace, 'addr', 'add', `${host}/24`, 'dev', 'eth0')
    ip('-n', namespace, 'link', 'set', 'eth0', 'up')
    const data = join(directory, 'data')
    mkdirSync(data, { recursive: true })
    run('mount', '-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', data)
    writeFileSync(join(data, 'myid'), String(sid))
    const members = this.servers.map(({ sid: one, host: at }) => [`server.${one}`, `${at}:2888:3888`])
    const superDigest = ['DigestAuthenticationProvider.superDigest', digestId(SUPER)]
    const settings = { ...CONFIG, dataDir: data, clientPort: port, clientPortAddress: '0.0.0.0' }
    const lines = [...Object.entries(settings), ...members, superDigest].map(([key, value]) => `${key}=${value}\n`)
    writeFileSync(join(directory, 'zoo.cfg'), lines.join(''))
  }

  isRunning(sid: number): boolean {
    return this.#children.has(sid)
  }

  async start(sid: number): Promise<void> {
    const { directory } = this.#server(sid)
    const { file, args } = VIVARIUM.command(join(directory, 'zoo.cfg'), {})
    const log = openSync(join(directory, 'server.log'), 'a')
    // It becomes the command: signals reach the server.
    const child = spawn('ip', ['netns', 'exec', `s${sid}`, file, ...args], { stdio: ['ignore', log, log] })
    closeSync(log)
    this.#children.set(sid, child)
    child.on('exit', () => {
      if (this.#children.get(sid) === child) this.#children.delete(sid)
    })
  }

  kill(sid: number): Promise<void> {
    return this.#end(sid, 'SIGKILL')
  }

  stop(sid: number): Promise<void> {
    return this.#end(sid, 'SIGTERM')
  }

  async #end(sid: number, signal: NodeJS.Signals): Promise<void> {
    const child = this.#children.get(sid)
    if (child === undefined) return
    child.kill(signal)
    await once(child, 'exit')
  }

  pause(sid: number): Undo {
    const child = this.#children.get(sid)
    child?.kill('SIGSTOP')
    return () => void child?.kill('SIGCONT')
  }

  unplug(sid: number): Undo {
    ip('link', 'set', `lab${sid}`, 'down')
    return () => ip('link', 'set', `lab${sid}`, 'up')
  }

  silence(from: number, to: number): Undo {
    const route = ['route', 'add', 'blackhole', `${addressOf(to)}/32`]
    ip('-n', `s${from}`, ...route)
    return () => ip('-n', `s${from}`, 'route', 'del', 'blackhole', `${addressOf(to)}/32`)
  }

  fill(sid: number): Undo {
    const ballast = join(this.#server(sid).directory, 'data', 'ballast')
    const file = openSync(ballast, 'w')
    for (let size = 1 << 20; size >= 1; size >>= 4) {
      const bytes = Buffer.alloc(size)
      try {
        while (writeSync(file, bytes) === size);
      } catch {
        // No room for so many bytes any more; perhaps there is for fewer.
      }
    }
    closeSync(file)
    return () => rmSync(ballast, { force: true })
  }

  async close(): Promise<void> {
    for (const { sid } of this.servers) await this.kill(sid)
    for (const { directory } of this.servers) spawnSync('umount', [join(directory, 'data')])
    rmSync(this.#directory, { recursive: true, force: true })
  }

  #server(sid: number): LabServer {
    return this.servers[sid - 1] as LabServer
  }
}
