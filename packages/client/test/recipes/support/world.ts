import type { TestContext } from 'node:test'
import { expireSession, type Link } from '@vivarium/testing'
import type { State, ZooKeeper, ZooKeeperOptions } from '../../../dist/index.js'
import { linkedClient } from '../../support/linked-client.ts'
import { type Servers, serversForTest } from '../../support/servers.ts'

/** A client, and the link between it and the servers, which can be cut. */
export class Peer {
  readonly zk: ZooKeeper
  /** How often the servers have said something. */
  heard = 0
  readonly #link: Link
  readonly #servers: Servers
  #nextWord: (() => void) | null = null

  constructor(zk: ZooKeeper, link: Link, servers: Servers) {
    this.zk = zk
    this.#link = link
    this.#servers = servers
    link.onBytes((way) => {
      if (way === 'forth') return
      this.heard++
      this.#nextWord?.()
    })
  }

  /** Ends the connection; the client finds another. Resolves once it knows that it is gone. */
  async cut(): Promise<void> {
    const suspended = this.until('suspended')
    this.#link.cut()
    await suspended
  }

  /** Ends the connection, and lets none through. */
  async isolate(): Promise<void> {
    const suspended = this.until('suspended')
    this.#link.refuse()
    await suspended
  }

  /** Lets connections, and what was asked, through again. */
  reunite(): void {
    this.#link.heal()
  }

  /** What is asked does not arrive before {@link reunite}. */
  hold(): void {
    this.#link.block('forth')
  }

  /** What is asked comes so many milliseconds later. */
  slow(ms: number): void {
    this.#link.delay(ms, 'forth')
  }

  /**
   * Does the work, and ends the connection at the server's first word: what was asked is done, and nobody is told. The
   * client comes back after `meanwhile`.
   */
  async loseReplyOf<T>(work: () => Promise<T>, meanwhile?: () => Promise<unknown>): Promise<T> {
    this.#link.block('back')
    const outcome = work()
    outcome.catch(() => {})
    await new Promise<void>((resolve) => {
      this.#nextWord = resolve
    })
    this.#link.refuse()
    await meanwhile?.()
    this.#link.heal()
    return outcome
  }

  /** The same for the next such request, whoever makes it. */
  loseReplyOfNext(operation: 'multi' | 'setData', meanwhile?: () => Promise<unknown>): void {
    const { zk } = this
    const real = zk[operation].bind(zk) as (...args: unknown[]) => Promise<unknown>
    const losing = (...args: unknown[]): Promise<unknown> => {
      Object.assign(zk, { [operation]: real })
      return this.loseReplyOf(() => real(...args), meanwhile)
    }
    Object.assign(zk, { [operation]: losing })
  }

  /** Ends the session as its expiry does: the servers have forgotten it, and the client learns of it. */
  async expire(): Promise<void> {
    const lost = this.until('lost')
    await this.forget()
    await lost
  }

  /** Ends the session at the servers alone: the client learns of it once it asks. */
  async forget(): Promise<void> {
    await expireSession(this.#servers.connectString, this.zk.session as NonNullable<ZooKeeper['session']>)
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

/** The servers of a test, and as many clients as it wants. All is gone after the test. */
export class World {
  readonly #servers: Servers
  readonly #closers: (() => Promise<void>)[] = []

  private constructor(servers: Servers) {
    this.#servers = servers
  }

  static async start(t: TestContext): Promise<World> {
    const world = new World(await serversForTest())
    t.after(() => world.#close())
    return world
  }

  /** Of all peers; empty if the servers are this test's alone. */
  get chroot(): string {
    return this.#servers.chroot
  }

  async peer(options: ZooKeeperOptions = {}): Promise<Peer> {
    const { zk, link, close } = await linkedClient(this.#servers.ports, this.#servers.chroot, options)
    this.#closers.push(close)
    return new Peer(zk, link, this.#servers)
  }

  async peers(count: number): Promise<[Peer, Peer, ...Peer[]]> {
    return (await Promise.all(Array.from({ length: count }, () => this.peer()))) as [Peer, Peer, ...Peer[]]
  }

  /** The clients first: what they keep alive would be in the way. */
  async #close(): Promise<void> {
    await Promise.all(this.#closers.map((close) => close()))
    await this.#servers.close()
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
