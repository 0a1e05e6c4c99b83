import { KeeperError, parentOf, type Stat, type Zxid } from '@vivarium/protocol'
import { orAborted } from '../../compound/or-aborted.ts'
import { ClosedError } from '../../errors.ts'
import type { CreateOptions, DataInput } from '../../requests/arguments.ts'
import { Op } from '../../requests/multi.ts'
import type { CallOptions } from '../../requests/request.ts'
import type { Session } from '../../session/session.ts'
import type { Watcher } from '../../watches/watch-event.ts'
import type { ZooKeeper } from '../../zookeeper.ts'
import { Feed } from '../support/feed.ts'
import { pause } from '../support/pause.ts'
import { connectedSession } from '../support/waiting.ts'

export interface PersistentNodeOptions extends Pick<CreateOptions, 'acl' | 'ttlMs'> {
  /** Default: empty. */
  readonly data?: DataInput | undefined
  /** Default: EPHEMERAL. A sequential one keeps the name of its first creation, which has protection's mark in front. */
  readonly mode?: CreateOptions['mode']
  /**
   * Whether an ephemeral znode of another session that is there at the start makes way: for a process that comes back
   * under its old name. Default: it is waited for.
   */
  readonly takeOver?: boolean | undefined
  /** Whether `close` leaves a znode that is not ephemeral. Default false. */
  readonly keep?: boolean | undefined
}

/**
 * How it stands.
 *
 * - `present`: it is there, and ours, with our data
 * - `absent`: it was deleted, or its session lost; it is being created again
 * - `occupied`: at its path is an ephemeral znode of another session; it is created once that is gone
 * - `refused`: the servers do not let us; it is tried again in a while
 */
export type Presence =
  | { readonly type: 'present'; readonly path: string }
  | { readonly type: 'absent' }
  | { readonly type: 'occupied'; readonly owner: bigint }
  | { readonly type: 'refused'; readonly error: Error }

/** Calls last as long as their session, or their signal. */
const ACROSS_CUTS = { timeoutMs: Number.POSITIVE_INFINITY } as const
const FIRST_RETRY_MS = 1000
const LAST_RETRY_MS = 30_000

type How = CallOptions & { readonly session: Session }

/**
 * A znode that stays while its keeper lives: it is created again when someone deletes it, and in each new session.
 *
 * @example
 * await using node = await PersistentNode.start(zk, '/workers/w1', { data: 'ready' })
 * await node.setData('busy')
 */
export class PersistentNode implements AsyncDisposable {
  readonly #zk: ZooKeeper
  readonly #options: PersistentNodeOptions
  readonly #mode: NonNullable<CreateOptions['mode']>
  readonly #closing = new AbortController()
  readonly #feed = new Feed<Presence>()
  readonly #running: Promise<void>
  /** Sessions that created it before: what they left is ours to remove. */
  readonly #owners = new Set<bigint>()
  #path: string
  /** Its name is known: that of the first creation, if it is sequential. */
  #isNamed: boolean
  #presence: Presence = { type: 'absent' }
  /** Of the znode that is there. */
  #czxid: Zxid | null = null
  #data: DataInput
  #isWritten = false
  #mayTakeOver: boolean
  /** Ends the wait for what happens next: there is something to be done. */
  #wake = new AbortController()
  #changed = (): void => {}
  /** One function for all watches: those that are set twice tell it once. */
  readonly #told: Watcher = () => this.#changed()

  /** @param path that of the znode; if it is sequential, without the number */
  constructor(zk: ZooKeeper, path: string, options: PersistentNodeOptions = {}) {
    this.#zk = zk
    this.#path = path
    this.#options = options
    this.#mode = options.mode ?? 'EPHEMERAL'
    this.#isNamed = !this.#mode.includes('SEQUENTIAL')
    this.#data = options.data ?? ''
    this.#mayTakeOver = options.takeOver ?? false
    this.#running = this.#run()
  }

  /** A znode that is there. @throws what the servers refuse it with */
  static async start(
    zk: ZooKeeper,
    path: string,
    options: PersistentNodeOptions & { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<PersistentNode> {
    const node = new PersistentNode(zk, path, options)
    try {
      await node.present(options.signal)
      return node
    } catch (error) {
      await node.close()
      throw error
    }
  }

  /** Its path; until it was created for the first time, that which was given. */
  get path(): string {
    return this.#path
  }

  get presence(): Presence {
    return this.#presence
  }

  /** Whether it is there, as far as the client knows: see `ZooKeeper.state`, too. */
  get isPresent(): boolean {
    return this.#presence.type === 'present'
  }

  /** Calls `listener` whenever the presence changes. @returns a function that ends it */
  onChange(listener: (presence: Presence) => void): () => void {
    return this.#feed.listen(listener)
  }

  /** Waits until it is there with the data that it should have. @throws what the servers refuse it with */
  present(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const over = signal === undefined ? this.#closing.signal : AbortSignal.any([signal, this.#closing.signal])
      const look = (): void => {
        const presence = this.#presence
        if (over.aborted) reject(over.reason)
        else if (presence.type === 'present' && this.#isWritten) resolve()
        else if (presence.type === 'refused') reject(presence.error)
        else return
        unlisten()
        over.removeEventListener('abort', look)
      }
      const unlisten = this.onChange(look)
      over.addEventListener('abort', look)
      look()
    })
  }

  /** Gives it other data, now and whenever it is created again. Resolves once it has them. */
  setData(data: DataInput, signal?: AbortSignal): Promise<void> {
    this.#data = data
    this.#isWritten = false
    if (this.#presence.type === 'refused') this.#presence = { type: 'absent' }
    this.#wake.abort()
    return this.present(signal)
  }

  /** Deletes it. Without a connection, in the background: it goes at the latest with its session, if it is ephemeral. */
  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return await this.#running
    this.#closing.abort(new ClosedError())
    await this.#running
    this.#feed.end()
    const removed = this.#remove()
    if (this.#zk.state === 'connected') await removed
    else removed.catch(() => {}) // Only refusals are told, and to nobody here.
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  get #isEphemeral(): boolean {
    return this.#mode.startsWith('EPHEMERAL')
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing
    let retryMs = FIRST_RETRY_MS
    while (!signal.aborted) {
      this.#wake = new AbortController()
      const until = AbortSignal.any([signal, this.#wake.signal])
      try {
        const session = await connectedSession(this.#zk, signal)
        await this.#establish({ session, signal, ...ACROSS_CUTS })
        retryMs = FIRST_RETRY_MS
        await this.#replaced(session, until)
        this.#tell({ type: 'absent' })
      } catch (error) {
        // While the client says goodbye it takes no requests, and is not closed yet.
        if (error instanceof ClosedError && !signal.aborted) return this.#clientClosed()
        if (until.aborted) continue
        if (isTransient(error)) {
          if (KeeperError.is(error, 'SESSIONEXPIRED')) this.#tell({ type: 'absent' })
          continue
        }
        this.#tell({ type: 'refused', error: error instanceof Error ? error : new Error(String(error)) })
        await pause(this.#zk.env.clock, retryMs, until)
        retryMs = Math.min(2 * retryMs, LAST_RETRY_MS)
      }
    }
  }

  #clientClosed(): void {
    const wasAbsent = this.#presence.type === 'absent'
    this.#presence = { type: 'absent' }
    if (!wasAbsent) this.#feed.emit(this.#presence) // Nothing is told after this.
    this.#closing.abort(new ClosedError())
    this.#feed.end()
  }

  /** Sees to it that it is there, with the data, unless another session has the place. */
  async #establish(how: How): Promise<void> {
    if (this.#presence.type !== 'present') {
      const owner = await this.#create(how)
      if (owner !== null) return this.#tell({ type: 'occupied', owner })
    }
    while (!this.#isWritten) {
      const data = this.#data
      try {
        await this.#zk.setData(this.#path, data, { ...how, retry: true })
      } catch (error) {
        if (!KeeperError.is(error, 'NONODE')) throw error
        this.#tell({ type: 'absent' })
        return this.#establish(how)
      }
      this.#isWritten = data === this.#data
    }
    this.#mayTakeOver = false
    this.#tell({ type: 'present', path: this.#path })
  }

  /** Waits until what is there, whosever it is, is not: deleted, or another znode in its place. */
  async #replaced(session: Session, signal: AbortSignal): Promise<void> {
    for (;;) {
      const changed = new Promise<void>((resolve) => {
        this.#changed = resolve
      })
      const stat = await this.#zk.exists(this.#path, { ...ACROSS_CUTS, session, signal, watcher: this.#told })
      if (stat?.czxid !== this.#czxid) return
      await orAborted(changed, signal)
    }
  }

  /** Creates it, or finds it. Returns the session that has the place, if it is another one. */
  async #create(how: How): Promise<bigint | null> {
    this.#owners.add(how.session.id)
    for (;;) {
      const data = this.#data
      try {
        const created = await this.#zk.create(this.#path, { ...this.#creation(data), ...how, protect: !this.#isNamed })
        this.#created(created.path, created.stat, data)
        return null
      } catch (error) {
        if (KeeperError.is(error, 'NONODE')) {
          await this.#zk.ensurePath(parentOf(this.#path), { ...how, mode: 'CONTAINER' })
          continue
        }
        if (!this.#isNamed || !KeeperError.is(error, 'NODEEXISTS', 'CONNECTIONLOSS')) throw error
      }
      const stat = await this.#zk.exists(this.#path, how)
      if (stat === null) continue
      this.#czxid = stat.czxid
      if (!this.#isEphemeral || stat.ephemeralOwner === how.session.id) {
        // Whoever created it, its data are to be ours.
        this.#isWritten = false
        return null
      }
      if (!this.#mayTakeOver && !this.#owners.has(stat.ephemeralOwner)) return stat.ephemeralOwner
      if (await this.#replace(stat, how)) return null
    }
  }

  /** Puts ours in the place of another session's, in one transaction. False: it has changed meanwhile. */
  async #replace({ version }: Stat, { session, signal, timeoutMs }: How): Promise<boolean> {
    const data = this.#data
    try {
      const writes = [Op.delete(this.#path, { version }), Op.create(this.#path, this.#creation(data))] as const
      const [, created] = await this.#zk.multi(writes, { session, signal, timeoutMs })
      this.#created(created.path, created.stat, data)
      return true
    } catch (error) {
      if (KeeperError.is(error, 'NONODE', 'BADVERSION', 'NODEEXISTS', 'CONNECTIONLOSS')) return false
      throw error
    }
  }

  /** What to create: its second creation has the name of the first, number and mark included. */
  #creation(data: DataInput): CreateOptions {
    const { acl, ttlMs } = this.#options
    const plain = this.#mode.replace('_SEQUENTIAL', '') as NonNullable<CreateOptions['mode']>
    return { data, acl, ttlMs, mode: this.#isNamed ? plain : this.#mode }
  }

  #created(path: string, stat: Stat, data: DataInput): void {
    this.#path = path
    this.#isNamed = true
    this.#czxid = stat.czxid
    this.#isWritten = data === this.#data
  }

  /** Deletes what is ours, however often the connection is lost meanwhile. */
  async #remove(): Promise<void> {
    const { session } = this.#zk
    if (this.#isEphemeral ? session === null : this.#options.keep) return
    const bound = this.#isEphemeral ? { session: session ?? undefined } : { acrossSessions: true }
    const how = { ...bound, ...ACROSS_CUTS, retry: true }
    try {
      // A creation that was under way when it was given up comes before this.
      const stat = await this.#zk.exists(this.#path, how)
      const isOurs = this.#isEphemeral ? this.#owners.has(stat?.ephemeralOwner ?? 0n) : stat?.czxid === this.#czxid
      if (isOurs) await this.#zk.delete(this.#path, how)
    } catch (error) {
      if (error instanceof ClosedError || KeeperError.is(error, 'NONODE', 'NOTEMPTY', 'SESSIONEXPIRED')) return
      throw error
    }
  }

  #tell(presence: Presence): void {
    const wasPresent = this.isPresent
    this.#presence = presence
    // What is present still is told, too: of new data `present` waits for.
    if (presence.type !== 'absent' || wasPresent) this.#feed.emit(presence)
  }
}

/** What is over as soon as there is a connection again. */
function isTransient(error: unknown): boolean {
  return KeeperError.is(error, 'SESSIONEXPIRED', 'CONNECTIONLOSS', 'SESSIONMOVED', 'NOTREADONLY')
}
