import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { silentLog } from '@vivarium/env'
import { createServerConfig, startServer } from '@vivarium/server'
import { type State, ZooKeeper, type ZooKeeperOptions } from '../../../dist/index.js'

/** A client, and the wire between it and the server, which can be cut. */
export class Peer {
  readonly zk: ZooKeeper
  readonly #wire: Wire

  constructor(zk: ZooKeeper, wire: Wire) {
    this.zk = zk
    this.#wire = wire
  }

  /** Ends the connection; the client finds another. Resolves once it knows that it is gone. */
  async cut(): Promise<void> {
    const suspended = this.until('suspended')
    this.#wire.cut()
    await suspended
  }

  /** Ends the connection, and lets none through. */
  async isolate(): Promise<void> {
    this.#wire.isOpen = false
    await this.cut()
  }

  /** Lets connections through again. */
  reunite(): void {
    this.#wire.isOpen = true
  }

  /** How often the server has said something. */
  get heard(): number {
    return this.#wire.heard
  }

  /** Does the work, and ends the connection at the server's first word: what was asked is done, and nobody is told. */
  async loseReplyOf<T>(work: () => Promise<T>): Promise<T> {
    this.#wire.isDeaf = true
    const outcome = work()
    outcome.catch(() => {})
    await this.#wire.swallowed()
    this.#wire.isDeaf = false
    this.#wire.cut()
    return outcome
  }

  /** Ends the session as its expiry does: the server has forgotten it, and the client learns of it. */
  async expire(): Promise<void> {
    const { session } = this.zk
    if (session === null) throw new Error('there is no session')
    const lost = this.until('lost')
    const twin = await ZooKeeper.connect(this.#wire.direct, { session })
    await twin.close()
    await lost
  }

  /** Resolves when the client comes to the state, or at once if it is in it. */
  until(state: State): Promise<void> {
    return new Promise((resolve) => {
      if (this.zk.state === state) return resolve()
      const unsubscribe = this.zk.onState((change) => {
        if (change.state !== state) return
        unsubscribe()
        resolve()
      })
    })
  }
}

/** A proxy to the server, for one client. */
class Wire {
  isOpen = true
  /** What the server says is swallowed. */
  isDeaf = false
  heard = 0
  readonly direct: string
  readonly #target: AddressInfo
  readonly #sockets = new Set<Socket>()
  readonly #server: Server
  #swallowed: (() => void) | null = null

  constructor(target: AddressInfo, server: Server) {
    this.#target = target
    this.#server = server
    this.direct = `127.0.0.1:${target.port}`
    server.on('connection', (socket) => this.#forward(socket))
  }

  static async start(port: number): Promise<Wire> {
    const server = createServer({ noDelay: true })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new Wire({ address: '127.0.0.1', family: 'IPv4', port }, server)
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  swallowed(): Promise<void> {
    return new Promise((resolve) => {
      this.#swallowed = resolve
    })
  }

  close(): void {
    this.#server.close()
    this.cut()
  }

  #forward(socket: Socket): void {
    if (!this.isOpen) return void socket.destroy()
    const onward = connect({ host: '127.0.0.1', port: this.#target.port, noDelay: true })
    socket.on('data', (bytes) => onward.write(bytes))
    onward.on('data', (bytes) => {
      this.heard++
      if (this.isDeaf) this.#swallowed?.()
      else socket.write(bytes)
    })
    for (const [one, other] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      this.#sockets.add(one)
      one.on('error', () => {})
      one.on('close', () => {
        this.#sockets.delete(one)
        other.destroy()
      })
    }
  }
}

/** A server in this process, and as many clients as a test wants. All is gone after the test. */
export class World {
  readonly #t: TestContext
  readonly #port: number

  private constructor(t: TestContext, port: number) {
    this.#t = t
    this.#port = port
  }

  static async start(t: TestContext): Promise<World> {
    const dataDir = mkdtempSync(join(tmpdir(), 'vivarium-recipes-'))
    const config = createServerConfig({ dataDir, clientPort: 0, clientPortAddress: '127.0.0.1', forceSync: false })
    const server = await startServer({ config, env: { log: silentLog } })
    t.after(async () => {
      await server.close()
      rmSync(dataDir, { recursive: true, force: true })
    })
    return new World(t, server.address?.port ?? 0)
  }

  async peer(options: ZooKeeperOptions = {}): Promise<Peer> {
    const wire = await Wire.start(this.#port)
    const zk = await ZooKeeper.connect(`127.0.0.1:${wire.port}`, options)
    this.#t.after(async () => {
      await zk.close()
      wire.close()
    })
    return new Peer(zk, wire)
  }

  async peers(count: number): Promise<[Peer, Peer, ...Peer[]]> {
    return (await Promise.all(Array.from({ length: count }, () => this.peer()))) as [Peer, Peer, ...Peer[]]
  }
}

/** Resolves when there are `count` children. */
export async function untilChildren(zk: ZooKeeper, path: string, count: number): Promise<string[]> {
  for await (const _ of zk.watch(path)) {
    const names = (await zk.exists(path)) === null ? [] : await zk.getChildren(path)
    if (names.length === count) return names
  }
  throw new Error('the client was closed')
}

/** The reason, once the signal aborts. */
export function aborted(signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(signal.reason)
    else signal.addEventListener('abort', () => resolve(signal.reason), { once: true })
  })
}
