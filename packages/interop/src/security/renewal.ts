import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { ZooKeeper } from '@vivarium/client'
import { apacheClassPath, apacheJars } from '../apache.ts'
import { type Command, kazooPython } from '../clients/peers.ts'
import type { Checks } from '../clients/run-checks.ts'
import { cached, PACKAGE, run } from '../install.ts'
import type { ServerKind } from '../server-process.ts'
import { fixture } from './fixtures.ts'
import { javaTls, startSecure } from './tls-clients.ts'

/** How many of our clients work while certificates are replaced. */
const WORKERS = 4
const SOURCES = join(PACKAGE, 'src', 'security')

/** Certificates are replaced while clients of all kinds come, work and go, and others stay: none of them notices. */
export async function checkRenewal(kind: ServerKind): Promise<Checks> {
  const directory = mkdtempSync(join(tmpdir(), 'interop-renewal-'))
  const keyStore = join(directory, 'server.pem')
  copyFileSync(fixture('server.pem'), keyStore)
  const { server, port } = await startSecure(kind, { keyStore, config: { 'client.certReload': 'true' } })
  const address = `localhost:${port}`
  const checks: Checks = { passed: [], failed: [] }
  const programs: Record<string, Program> = {}
  try {
    for (const [name, command] of Object.entries(peers(address))) programs[name] = new Program(command)
    const own = new OwnClients(address)
    await Promise.all([own.working, ...Object.values(programs).map(({ working }) => working)])
    copyFileSync(fixture('renewed.pem'), keyStore)
    while ((await nameShown(port)) !== 'renewed');
    own.end()
    await own.done
    checks.passed.push('ours: no request failed, and no connection was lost')
    for (const [name, program] of Object.entries(programs)) {
      const output = await program.end()
      if (/^working\ndone \d+\n$/.test(output))
        checks.passed.push(`${name}: no request failed, and no connection was lost`)
      else checks.failed.push(`${name}: ${output.slice(-1500)}`)
    }
  } catch (error) {
    checks.failed.push(`${error instanceof Error ? error.stack : error}: ${server.logTail()}`)
  } finally {
    for (const program of Object.values(programs)) program.kill()
    await server.dispose()
    rmSync(directory, { recursive: true, force: true })
  }
  return checks
}

function peers(address: string): Record<string, Command> {
  const program = join(SOURCES, 'java', 'RenewalClient.java')
  const classes = cached('java-renewal', [readFileSync(program, 'utf8')], (folder) => {
    run('javac', ['-d', folder, '-cp', join(apacheJars(), '*'), program])
  })
  const properties = Object.entries(javaTls()).map(([name, value]) => `-D${name}=${value}`)
  const python = join(SOURCES, 'python', 'renewal_client.py')
  return {
    java: { file: 'java', args: [...properties, '-cp', apacheClassPath(classes), 'RenewalClient', address] },
    kazoo: { file: kazooPython(), args: ['-u', python, address, fixture('alice.pem'), fixture('ca.pem')] },
  }
}

/** A program that says `working` after its first round, and `done` after that which follows the end of its input. */
class Program {
  readonly working: Promise<void>
  readonly #child: ChildProcess
  readonly #closed: Promise<unknown>
  #output = ''

  constructor({ file, args }: Command) {
    const child = spawn(file, args, { timeout: 120_000 })
    this.#child = child
    this.#closed = once(child, 'close')
    this.working = new Promise((resolve) => {
      const take = (chunk: Buffer): void => {
        this.#output += chunk
        if (this.#output.includes('working')) resolve()
      }
      child.stdout.on('data', take)
      child.stderr.on('data', take)
      child.once('close', () => resolve()) // What went wrong is in what it has said.
    })
    child.stdin.on('error', () => {})
  }

  /** @returns all that it has said */
  async end(): Promise<string> {
    this.#child.stdin?.end()
    await this.#closed
    return this.#output
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }
}

/** Our own client: some that come and go beside one that stays. */
class OwnClients {
  readonly done: Promise<void>
  readonly working: Promise<void>
  readonly #tls = { ca: fixtureBytes('ca.pem'), cert: fixtureBytes('alice.pem'), key: fixtureBytes('alice.pem') }
  readonly #address: string
  #ending = false
  #begun: () => void = () => {}

  constructor(address: string) {
    this.#address = address
    this.working = new Promise((resolve) => {
      this.#begun = resolve
    })
    this.done = this.#work()
    this.done.catch(() => this.#begun())
  }

  end(): void {
    this.#ending = true
  }

  async #work(): Promise<void> {
    const staying = await ZooKeeper.connect(this.#address, { tls: this.#tls })
    const states: string[] = []
    staying.onState(({ state }) => states.push(state))
    await Promise.all(Array.from({ length: WORKERS }, (_, worker) => this.#comeAndGo(worker, staying)))
    if (states.length > 0) throw new Error(`a client that stayed was ${states.join(', ')}`)
    await staying.close()
  }

  async #comeAndGo(worker: number, staying: ZooKeeper): Promise<void> {
    let last = false
    for (let round = 0; !last; round++) {
      last = this.#ending
      const zk = await ZooKeeper.connect(this.#address, { tls: this.#tls })
      await Promise.all([
        zk.create(`/ours-${worker}-${round}`),
        staying.getData('/'),
        zk.getChildren('/').then(() => staying.setData('/', Buffer.from(String(round)))),
      ])
      await zk.close()
      this.#begun()
    }
  }
}

function fixtureBytes(name: string): Buffer {
  return readFileSync(fixture(name))
}

/** The name in the certificate that a server shows now. */
function nameShown(port: number): Promise<string> {
  const [ca, pem] = [fixtureBytes('ca.pem'), fixtureBytes('alice.pem')]
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, ca, cert: pem, key: pem }, () => {
      resolve(String(socket.getPeerCertificate().subject.CN))
      socket.destroy()
    })
    socket.on('error', reject)
  })
}
