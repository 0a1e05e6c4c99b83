import { setMaxListeners } from 'node:events'
import { joinPath, KeeperError, type Stat, validatePath } from '@vivarium/protocol'
import { ArgumentError, ClosedError } from '../../errors.ts'
import type { StateChange } from '../../session/state.ts'
import type { WatchEvent } from '../../watches/watch-event.ts'
import type { Watch, ZooKeeper } from '../../zookeeper.ts'
import { Feed, type FeedOptions, type Missed } from '../support/feed.ts'
import { pause } from '../support/pause.ts'
import { type CachedNode, Picture } from './picture.ts'
import { ReadQueue, type Turn } from './read-queue.ts'

/**
 * What became of a cache.
 *
 * - `created`, `changed`, `deleted`: a znode. States in between may be left out
 * - `stale`: the connection is gone; the picture stands, and may be behind
 * - `synced`: the picture is complete, for the first time or again; what changed meanwhile was told before
 * - `unreadable`: a znode that is there cannot be read (its ACL, its length), and is not in the picture
 */
export type CacheChange =
  | { readonly type: 'created'; readonly node: CachedNode }
  | { readonly type: 'changed'; readonly node: CachedNode; readonly previous: CachedNode }
  | { readonly type: 'deleted'; readonly node: CachedNode }
  | { readonly type: 'stale' }
  | { readonly type: 'synced' }
  | { readonly type: 'unreadable'; readonly path: string; readonly error: Error }

export interface CacheOptions {
  /** How far below the path: 0 is its znode alone, 1 its children, too. Default: all. */
  readonly maxDepth?: number | undefined
  /** Whether the znode at a path is kept, with what is below it. Asked often: to be quick. Default: all are. */
  readonly accept?: ((path: string) => boolean) | undefined
  /** How many znodes are read at the same time. Default 64. */
  readonly concurrency?: number | undefined
  /** Whether the znode at the path is kept itself, or only what is below. Default true. */
  readonly withRoot?: boolean | undefined
  /**
   * `persistent`: one watch for the whole tree, which servers have from 3.6 on. `one-shot`: watches at every znode.
   * Default: persistent, if the server has them.
   */
  readonly watches?: 'persistent' | 'one-shot' | undefined
}

const ACROSS = { acrossSessions: true, timeoutMs: Number.POSITIVE_INFINITY } as const

/** How long it waits before it asks a server again that could not answer, in milliseconds. */
const RETRY_MS = 1000

/**
 * A copy of a part of the tree that follows its changes: read as quickly as a map. It lasts through reconnections and new
 * sessions; after each it reads the tree anew and tells what has really changed, and until then `isSynced` is false.
 *
 * @example
 * await using cache = await ZnodeCache.start(zk, '/app')
 * console.log(cache.get('/app/config')?.data)
 * for await (const change of cache.changes()) console.log(change.type)
 */
export class ZnodeCache implements AsyncDisposable {
  readonly path: string
  readonly #zk: ZooKeeper
  readonly #maxDepth: number
  readonly #accept: ((path: string) => boolean) | null
  readonly #withRoot: boolean
  readonly #picture = new Picture()
  readonly #queue: ReadQueue
  readonly #feed = new Feed<CacheChange>()
  readonly #closing = new AbortController()
  readonly #unsubscribe: () => void
  #watch: Watch | null = null
  /** Each reading leaves watches, since the server has none that stay. */
  #oneShot: boolean
  /** Whether there is a watch. */
  #isWatching = false
  #isSynced = false

  /** @throws {ArgumentError} */
  constructor(zk: ZooKeeper, path: string, options: CacheOptions = {}) {
    const { maxDepth = Number.POSITIVE_INFINITY, accept, concurrency = 64, withRoot = true, watches } = options
    const wrong = validatePath(path)
    if (wrong !== null) throw new ArgumentError(`${JSON.stringify(path)} is no path: ${wrong}`)
    if (!(concurrency >= 1)) throw new ArgumentError(`concurrency is ${concurrency}: at least 1 is wanted`)
    this.path = path
    this.#zk = zk
    this.#maxDepth = maxDepth
    this.#accept = accept ?? null
    this.#withRoot = withRoot
    this.#oneShot = watches === 'one-shot'
    this.#queue = new ReadQueue(
      concurrency,
      (turn) => this.#read(turn),
      () => this.#swept(),
    )
    // Every reading listens to it; Node would take more than ten for a leak, and warn.
    setMaxListeners(0, this.#closing.signal)
    this.#unsubscribe = zk.onState((change) => this.#stateChanged(change))
    if (zk.state === 'closed') this.#end(new ClosedError())
    else void this.#begin(watches === 'persistent')
  }

  /** A cache that is complete. */
  static async start(
    zk: ZooKeeper,
    path: string,
    options: CacheOptions & { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<ZnodeCache> {
    return await whenSynced(new ZnodeCache(zk, path, options), options.signal)
  }

  /** Whether the picture is complete and the connection stands. It may still be behind by what is on its way. */
  get isSynced(): boolean {
    return this.#isSynced
  }

  /** How many znodes it knows. */
  get size(): number {
    return this.#picture.size
  }

  get(path: string): CachedNode | null {
    return this.#picture.get(path)
  }

  /** All znodes, in no particular order. */
  nodes(): IterableIterator<CachedNode> {
    return this.#picture.nodes()
  }

  /** The names below a path, in no particular order. */
  children(path: string): string[] {
    return [...this.#picture.childrenOf(path)]
  }

  /** Calls `listener` with each change, in the moment it is known. @returns a function that ends it */
  onChange(listener: (change: CacheChange) => void): () => void {
    return this.#feed.listen(listener)
  }

  /**
   * The changes from this moment on, for a loop. Ends when the cache is closed. A loop that falls behind by more than
   * `limit` changes is told `missed` instead of them, and reads the cache.
   */
  changes(options?: FeedOptions): AsyncIterableIterator<CacheChange | Missed, undefined> {
    return this.#feed.loop(options)
  }

  /** Waits until the picture is complete. @throws {ClosedError} if the cache is closed before */
  synced(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#isSynced) return resolve()
      const over = signal === undefined ? this.#closing.signal : AbortSignal.any([signal, this.#closing.signal])
      const end = (): void => {
        unlisten()
        over.removeEventListener('abort', end)
        if (over.aborted) reject(over.reason)
        else resolve()
      }
      const unlisten = this.onChange(({ type }) => type === 'synced' && end())
      over.addEventListener('abort', end)
      if (over.aborted) end()
    })
  }

  /**
   * Waits until the picture has all that was written anywhere before this call.
   *
   * @throws {ClosedError} if the cache is closed before
   */
  async sync(signal?: AbortSignal): Promise<void> {
    const over = signal === undefined ? this.#closing.signal : AbortSignal.any([signal, this.#closing.signal])
    await this.#zk.sync(this.path, { ...ACROSS, signal: over })
    // Events came before that reply. Should the connection have been lost meanwhile, all is read after it.
    await this.synced(over)
    await this.#queue.idle()
    this.#closing.signal.throwIfAborted()
  }

  /** Takes the watch away. What was read can still be looked at. */
  async close(): Promise<void> {
    this.#end(new ClosedError())
    const removed = this.#watch?.remove()
    this.#watch = null
    // Without a connection it is gone already, here; the server is told later.
    if (this.#zk.state === 'connected') await removed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #begin(onlyPersistent: boolean): Promise<void> {
    try {
      if (!this.#oneShot) await this.#setWatch()
    } catch (error) {
      if (onlyPersistent || !KeeperError.is(error, 'UNIMPLEMENTED')) return this.#end(error)
      this.#oneShot = true
    }
    if (this.#closing.signal.aborted) return
    this.#isWatching = true
    this.#queue.sweep(this.path)
  }

  async #setWatch(): Promise<void> {
    const rearmed = (): void => {
      if (this.#isWatching) this.#queue.sweep(this.path)
    }
    const { signal } = this.#closing
    const options = { ...ACROSS, signal, recursive: this.#maxDepth > 0, rearmed }
    const watch = await this.#zk.addWatch(this.path, this.#told, options)
    if (signal.aborted) await watch.remove()
    else this.#watch = watch
  }

  #end(reason: unknown): void {
    if (this.#closing.signal.aborted) return
    this.#closing.abort(reason)
    this.#isSynced = false
    this.#unsubscribe()
    this.#queue.clear()
    this.#feed.end()
  }

  #stateChanged({ state }: StateChange): void {
    if (state === 'closed') this.#end(new ClosedError())
    else if (state === 'suspended' || state === 'lost') {
      if (this.#isSynced) this.#emit({ type: 'stale' }, false)
    } else if (state !== 'connecting' && this.#oneShot && this.#isWatching) this.#queue.sweep(this.path)
  }

  #swept(): void {
    const { state } = this.#zk
    if (state === 'connected' || state === 'read-only') this.#emit({ type: 'synced' }, true)
  }

  /** One function for all watches: a one-shot watch that is set twice tells it once. */
  readonly #told = (event: WatchEvent): void => {
    if (this.#closing.signal.aborted) return
    const { type, path } = event
    if (type === 'WatchLost') {
      if (event.reason === 'removed') this.#watchRemoved(path)
      return
    }
    if (!this.#covers(path)) return
    const known = this.get(path)
    if (type === 'NodeDeleted') {
      this.#queue.deleted(path)
      // What is known may be younger than the event.
      if (known !== null && !(event.zxid !== -1 && known.stat.czxid > event.zxid)) this.#remove(path)
      if (this.#oneShot && path === this.path) this.#queue.add(path)
    } else if (this.#oneShot || (type !== 'NodeChildrenChanged' && !reflects(known, event.zxid))) {
      this.#queue.add(path)
    }
  }

  /** Someone has removed all watches of a path: ours is set again. */
  #watchRemoved(path: string): void {
    if (this.#oneShot) return this.#queue.add(path)
    this.#isWatching = false
    if (this.#isSynced) this.#emit({ type: 'stale' }, false)
    void this.#begin(true)
  }

  #covers(path: string): boolean {
    const depth = depthBelow(this.path, path)
    if (depth > this.#maxDepth) return false
    if (this.#accept === null) return true
    for (let end = this.path.length; end !== -1; end = path.indexOf('/', end + 1)) {
      if (end > 1 && !this.#accept(path.slice(0, end))) return false
    }
    return this.#accept(path)
  }

  /** Reads a znode until it is read, or cannot be. */
  async #read(turn: Turn): Promise<void> {
    const { signal } = this.#closing
    while (!turn.isVoid && !signal.aborted) {
      try {
        return await this.#readOnce(turn)
      } catch (error) {
        // A client that says goodbye takes no requests: that says nothing of the znode.
        if (turn.isVoid || signal.aborted || error instanceof ClosedError) return
        if (!(error instanceof KeeperError && error.kind === 'retry')) return this.#unreadable(turn.path, error)
        await pause(this.#zk.env.clock, RETRY_MS, signal)
      }
    }
  }

  /** Reads a znode, and in a sweep what is below it. */
  async #readOnce(turn: Turn): Promise<void> {
    const { path } = turn
    const node = await this.#readNode(path)
    if (turn.isVoid || this.#closing.signal.aborted) return
    if (node === null) return this.#remove(path)
    const known = this.get(path)
    // It is another znode of this name: what was below the last one is gone.
    if (known !== null && known.stat.czxid !== node.stat.czxid) this.#remove(path)
    this.#put(node)
    if (depthBelow(this.path, path) >= this.#maxDepth || (turn.sweep === 0 && !this.#oneShot)) return
    const names = await this.#readChildren(node)
    if (!turn.isVoid && !this.#closing.signal.aborted) this.#listed(turn, names)
  }

  /** Null: it is not there. Where watches are one-shot, one is left. */
  async #readNode(path: string): Promise<CachedNode | null> {
    const options = { ...ACROSS, signal: this.#closing.signal, watcher: this.#oneShot ? this.#told : undefined }
    for (;;) {
      try {
        const { data, stat } = await this.#zk.getData(path, options)
        return { path, data, stat }
      } catch (error) {
        if (!KeeperError.is(error, 'NONODE')) throw error
      }
      // Where the others are missing, their parent's watch tells when they come.
      if (!this.#oneShot || path !== this.path) return null
      if ((await this.#zk.exists(path, options)) === null) return null
    }
  }

  async #readChildren({ path, stat }: CachedNode): Promise<string[]> {
    // What comes below it from here on, the persistent watch tells.
    if (!this.#oneShot && stat.numChildren === 0) return []
    const options = { ...ACROSS, signal: this.#closing.signal, watcher: this.#oneShot ? this.#told : undefined }
    try {
      return await this.#zk.getChildren(path, options)
    } catch (error) {
      if (!KeeperError.is(error, 'NONODE')) throw error
      this.#remove(path)
      return []
    }
  }

  #listed({ path, sweep }: Turn, names: readonly string[]): void {
    const gone = new Set(this.#picture.childrenOf(path))
    for (const name of names) {
      gone.delete(name)
      const child = joinPath(path, name)
      if ((sweep !== 0 || this.get(child) === null) && this.#covers(child)) this.#queue.add(child, sweep)
    }
    for (const name of gone) this.#remove(joinPath(path, name))
  }

  #put(node: CachedNode): void {
    if (node.path === this.path && !this.#withRoot) return
    const previous = this.#picture.put(node)
    if (previous === null) this.#emit({ type: 'created', node })
    else if (previous.stat.mzxid !== node.stat.mzxid) this.#emit({ type: 'changed', node, previous })
  }

  #remove(path: string): void {
    for (const node of this.#picture.remove(path)) this.#emit({ type: 'deleted', node })
  }

  #unreadable(path: string, reason: unknown): void {
    this.#remove(path)
    const error = reason instanceof Error ? reason : new Error(String(reason))
    this.#emit({ type: 'unreadable', path, error })
  }

  #emit(change: CacheChange, isSynced = this.#isSynced): void {
    this.#isSynced = isSynced
    this.#feed.emit(change)
  }
}

/** Waits for something that was just made; it is closed if that fails. */
export async function whenSynced<C extends AsyncDisposable & { synced(signal?: AbortSignal): Promise<void> }>(
  made: C,
  signal: AbortSignal | undefined,
): Promise<C> {
  try {
    await made.synced(signal)
    return made
  } catch (error) {
    await made[Symbol.asyncDispose]()
    throw error
  }
}

/** How many names `path` has more than `root`, which is above it or the same. */
function depthBelow(root: string, path: string): number {
  let depth = 0
  for (let at = root === '/' ? 0 : root.length; at < path.length; at++) if (path.charCodeAt(at) === SLASH) depth++
  return path === '/' ? 0 : depth
}

const SLASH = 0x2f

/** Whether what is known has seen the transaction. */
function reflects(known: { readonly stat: Stat } | null, zxid: number): boolean {
  return known !== null && zxid !== -1 && known.stat.mzxid >= zxid
}
