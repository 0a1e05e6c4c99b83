import { type Stat, WatcherType } from '@vivarium/protocol'
import { Chroot } from './chroot.ts'
import type { ClientEnv } from './client-env.ts'
import { createProtected } from './compound/create-protected.ts'
import { orAborted } from './compound/or-aborted.ts'
import { deleteRecursive, type EnsureOptions, ensurePath } from './compound/subtrees.ts'
import { waitForCreation, waitForDeletion } from './compound/wait-for.ts'
import { ClosedError, ConnectError } from './errors.ts'
import { formatHost, parseConnectString } from './hosts/connect-string.ts'
import { HostList } from './hosts/host-list.ts'
import { addWatchMode, Operations } from './operations.ts'
import { type Settings, settingsOf, type ZooKeeperOptions } from './options.ts'
import { type CreateOptions, serverPath } from './requests/arguments.ts'
import { addWatchCall, removeWatchesCall } from './requests/calls.ts'
import type { CallOptions } from './requests/request.ts'
import type { Created } from './requests/results.ts'
import type { Session } from './session/session.ts'
import { SessionKeeper } from './session/session-keeper.ts'
import type { State, StateChange } from './session/state.ts'
import type { Watcher } from './watches/watch-event.ts'
import { WatchStream } from './watches/watch-stream.ts'
import type { PersistentWatch } from './watches/watch-table.ts'

export interface WaitOptions {
  readonly signal?: AbortSignal | undefined
  readonly timeoutMs?: number | undefined
}

export interface CreateNodeOptions extends CreateOptions, CallOptions {
  /**
   * Puts `_c_<uuid>-` in front of the name, so that a znode whose reply was lost is found again instead of created
   * twice (Curator's "protection"). Such a create is tried until it is answered or the session is lost.
   */
  readonly protect?: boolean | undefined
}

/** A watch that stays until it is removed. */
export interface Watch extends AsyncDisposable {
  readonly path: string
  readonly recursive: boolean
  /** Takes it away, here and at the server. */
  remove(): Promise<void>
}

/**
 * A client of an ensemble of ZooKeeper servers. It lives longer than its connections and its sessions.
 *
 * @example
 * await using zk = await ZooKeeper.connect('zk1:2181,zk2:2181,zk3:2181/app')
 * await zk.create('/config', { data: 'hello' })
 * const { data, stat } = await zk.getData('/config')
 */
export class ZooKeeper extends Operations implements AsyncDisposable {
  readonly #settings: Settings
  readonly #hosts: HostList
  readonly #chroot: Chroot
  readonly #keeper: SessionKeeper

  /**
   * A client that begins to connect. Requests may be made at once: they wait for the session.
   *
   * @param servers `host[:port],host[:port]…[/chroot]`
   * @throws {ArgumentError}
   */
  constructor(servers: string, options: ZooKeeperOptions = {}) {
    const settings = settingsOf(options)
    const parsed = parseConnectString(servers)
    const hosts = new HostList(parsed.hosts, settings.env.random)
    const chroot = new Chroot(parsed.chroot)
    const keeper = new SessionKeeper({ ...settings, name: options.name ?? servers, hosts, chroot })
    super(keeper, chroot)
    this.#settings = settings
    this.#hosts = hosts
    this.#chroot = chroot
    this.#keeper = keeper
    for (const { scheme, auth } of settings.auth) this.addAuth(scheme, auth).catch(() => {}) // The client is closed then.
    keeper.start()
  }

  /**
   * A client that has a session.
   *
   * @throws {ConnectError} if there is none within `connectTimeoutMs`
   */
  static async connect(
    servers: string,
    options: ZooKeeperOptions & { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<ZooKeeper> {
    options.signal?.throwIfAborted()
    const zk = new ZooKeeper(servers, options)
    try {
      await zk.connected({ signal: options.signal })
      return zk
    } catch (error) {
      await zk.close()
      throw error
    }
  }

  get state(): State {
    return this.#keeper.state
  }

  /** The session that there is; null before the first, and between one that was lost and the next. */
  get session(): Session | null {
    return this.#keeper.session
  }

  /** Time, network and chance as this client has them: for whatever is built on top and is to run where it does. */
  get env(): ClientEnv {
    return this.#settings.env
  }

  /** The server that it is connected to, as `host:port`; null while it is not. */
  get server(): string | null {
    const { host } = this.#keeper
    return host === null ? null : formatHost(host)
  }

  /** The part of the tree that this client calls `/`; empty for all of it. */
  get chroot(): string {
    return this.#chroot.prefix
  }

  /** How many requests have not been answered. Whoever makes very many at once keeps an eye on it, or uses {@link room}. */
  get pending(): number {
    return this.#keeper.pipeline.pending
  }

  /**
   * Calls `listener` at every change of state, in the moment of the change.
   *
   * @returns a function that ends it
   */
  onState(listener: (change: StateChange) => void): () => void {
    return this.#keeper.onState(listener)
  }

  /** Waits until a server has the session. @throws {ConnectError} after `timeoutMs` (default `connectTimeoutMs`) */
  connected({ signal, timeoutMs = this.#settings.connectTimeoutMs }: WaitOptions = {}): Promise<void> {
    const ready = (): boolean => this.state === 'connected' || this.state === 'read-only'
    return this.#until(ready, signal, timeoutMs, () => new ConnectError(this.#keeper.attempts, timeoutMs))
  }

  /** Waits until fewer than `limit` requests are unanswered: for whoever has more to ask than should be kept in memory. */
  async room(limit = 1024, signal?: AbortSignal): Promise<void> {
    while (this.pending >= limit) {
      signal?.throwIfAborted()
      // The reply to the last request comes after all others.
      await this.sync('/', { signal }).catch((error) => {
        if (this.state === 'closed') throw error
      })
    }
  }

  /**
   * Proves to the servers who the client is: to this one, and to each that it comes to later.
   *
   * @param options `signal`: waits for the answer no longer; the servers are told all the same
   * @throws {ClosedError} if the server refuses: it ends the session's connection then, and the client is closed
   */
  async addAuth(
    scheme: string,
    auth: string | Uint8Array,
    { signal }: Pick<WaitOptions, 'signal'> = {},
  ): Promise<void> {
    signal?.throwIfAborted()
    const taken = this.#keeper.addAuth(scheme, typeof auth === 'string' ? Buffer.from(auth) : auth)
    await (signal === undefined ? taken : orAborted(taken, signal))
  }

  override create(path: string, options: CreateNodeOptions = {}): Promise<Created> {
    if (!options.protect) return super.create(path, options)
    return createProtected(this, path, options, this.#settings.env.random, (at, how) => super.create(at, how))
  }

  /** Waits until there is no znode at the path. SESSIONEXPIRED if the session is lost meanwhile. */
  waitForDeletion(path: string, options: CallOptions = {}): Promise<void> {
    return waitForDeletion(this, path, options, this.#forget)
  }

  /** Waits until there is a znode at the path. SESSIONEXPIRED if the session is lost meanwhile. */
  waitForCreation(path: string, options: CallOptions = {}): Promise<Stat> {
    return waitForCreation(this, path, options, this.#forget)
  }

  /** Creates the znode at the path and those above it, as far as they are missing. */
  ensurePath(path: string, options: EnsureOptions = {}): Promise<void> {
    return ensurePath(this, path, options)
  }

  /** Deletes a znode with all that is below it, if it is there: not at once, but znode by znode. */
  deleteRecursive(path: string, options: CallOptions = {}): Promise<void> {
    return deleteRecursive(this, path, options)
  }

  /**
   * The changes of a znode, or of all below it, too, as they come. The stream lasts through reconnections and new
   * sessions, and says with a `resync` when it may have missed something.
   *
   * @example
   * for await (const event of zk.watch('/config', { recursive: true })) {
   *   if (event.type === 'resync') await readEverything()
   *   else await readOne(event.path)
   * }
   */
  watch(
    path: string,
    options: { readonly recursive?: boolean | undefined; readonly signal?: AbortSignal | undefined } = {},
  ): WatchStream {
    const { recursive = false, signal } = options
    const at = serverPath(this.#chroot, path)
    const stream = new WatchStream(this.#settings.streamEvents, signal ?? null)
    const watch: PersistentWatch = { path: at, recursive, watcher: stream.tell, rearmed: stream.rearmed }
    stream.open({
      start: () => this.#set(watch, { acrossSessions: true, timeoutMs: Number.POSITIVE_INFINITY }),
      stop: () => void this.#unset(watch).catch(() => {}),
    })
    return stream
  }

  /**
   * Sets a watch that stays. Changes while the connection was lost are not told: {@link watch} says when that may be.
   *
   * @param options `recursive`: of all below the znode, too; `rearmed`: called when the watch was set again
   */
  async addWatch(
    path: string,
    watcher: Watcher,
    options: CallOptions & {
      readonly recursive?: boolean | undefined
      readonly rearmed?: ((reason: 'reconnected' | 'session') => void) | undefined
    } = {},
  ): Promise<Watch> {
    const { recursive = false, rearmed = null } = options
    const at = serverPath(this.#chroot, path)
    const watch: PersistentWatch = { path: at, recursive, watcher: (event) => watcher(event), rearmed }
    try {
      await this.#set(watch, options)
    } catch (error) {
      this.#keeper.watches.removePersistent(watch)
      throw error
    }
    const remove = (): Promise<void> => this.#unset(watch)
    return { path, recursive, remove, [Symbol.asyncDispose]: remove }
  }

  /**
   * Takes another list of servers; its chroot does not count. If the load asks for it, the client moves to another server:
   * each by chance, and all together evenly.
   *
   * @throws {ArgumentError}
   */
  updateServers(servers: string): void {
    const { hosts } = parseConnectString(servers)
    const mine = this.#keeper.host
    if (this.#hosts.update(hosts, mine) && mine !== null) {
      this.#keeper.reconnect(new Error('the list of servers has changed: moving for an even load'))
    }
  }

  /** Ends the session, with its ephemeral znodes, and the client. Bounded by `closeTimeoutMs`; safe to call twice. */
  close(): Promise<void> {
    return this.#keeper.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  readonly #forget = (path: string, watcher: Watcher): void =>
    this.#keeper.watches.removeOneShot(this.#chroot.toServer(path), watcher)

  #set(watch: PersistentWatch, options: CallOptions): Promise<void> {
    this.#keeper.watches.addPersistent(watch)
    return this.#keeper.request(addWatchCall, watch.path, addWatchMode(watch.recursive), options)
  }

  /** The server is asked only if nobody else here wants what it tells. Should it fail, it tells for nothing. */
  async #unset(watch: PersistentWatch): Promise<void> {
    if (!this.#keeper.watches.removePersistent(watch) || this.state === 'closed') return
    const type = watch.recursive ? WatcherType.PersistentRecursive : WatcherType.Persistent
    await this.#keeper.request(removeWatchesCall, watch.path, type, { retry: false }).catch(() => {})
  }

  #until(done: () => boolean, signal: AbortSignal | undefined, timeoutMs: number, late: () => Error): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (error: unknown): void => {
        timer.cancel()
        unsubscribe()
        signal?.removeEventListener('abort', aborted)
        if (error === undefined) resolve()
        else reject(error)
      }
      const aborted = (): void => settle(signal?.reason)
      const look = (): void => {
        if (done()) settle(undefined)
        else if (this.state === 'closed') settle(this.#keeper.closedBy ?? new ClosedError())
      }
      const timer = this.#settings.env.clock.after(timeoutMs, () => settle(late()))
      const unsubscribe = this.onState(look)
      signal?.addEventListener('abort', aborted, { once: true })
      if (signal?.aborted) aborted()
      else look()
    })
  }
}
