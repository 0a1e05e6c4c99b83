import {
  type ACL,
  AddWatchMode,
  KeeperError,
  type Stat,
  WatcherType,
  type WatcherTypeName,
  type Zxid,
} from '@vivarium/protocol'
import type { Chroot } from './chroot.ts'
import {
  type CreateOptions,
  createBody,
  type DataInput,
  dataBytes,
  serverCreatePath,
  serverPath,
} from './requests/arguments.ts'
import * as calls from './requests/calls.ts'
import {
  multiBody,
  multiCall,
  multiReadCall,
  type ReadOp,
  type ReadResults,
  type Results,
  type WriteOp,
} from './requests/multi.ts'
import type { Call, CallOptions, OneShotKind } from './requests/request.ts'
import type { AccessControl, Children, Created, Data, Identity } from './requests/results.ts'
import type { SessionKeeper } from './session/session-keeper.ts'
import type { Watcher } from './watches/watch-event.ts'

/** A request that can leave a watch. */
export interface WatchOptions extends CallOptions {
  /** Told once: of the next change, or that the watch is gone. */
  readonly watcher?: Watcher | undefined
}

export interface VersionOptions extends CallOptions {
  /** Only if the znode has this version. Default: whatever it has. */
  readonly version?: number | undefined
}

export interface ReconfigOptions extends CallOptions {
  /** Servers that join or change, as in the configuration: `server.4=host:2888:3888;2181`. */
  readonly joining?: readonly string[] | undefined
  /** Ids of servers that leave. */
  readonly leaving?: readonly string[] | undefined
  /** All servers, instead of `joining` and `leaving`. */
  readonly members?: readonly string[] | undefined
  /** Only if this is the version of the present configuration. Default: whatever it is. */
  readonly fromConfig?: Zxid | undefined
}

const CONFIG_PATH = '/zookeeper/config'

/**
 * ZooKeeper's operations, each as one request. They go out at once, many at a time, and are answered in their order. A
 * request that fails rejects with a {@link RequestError}; one with a wrong argument with an {@link ArgumentError}.
 */
export abstract class Operations {
  readonly #keeper: SessionKeeper
  readonly #chroot: Chroot

  constructor(keeper: SessionKeeper, chroot: Chroot) {
    this.#keeper = keeper
    this.#chroot = chroot
  }

  /** Creates a znode, and returns its path: with its number if the mode is sequential. */
  create(path: string, options: CreateOptions & CallOptions = {}): Promise<Created> {
    try {
      const body = createBody(options)
      const at = serverCreatePath(this.#chroot, path, body.mode)
      return this.#keeper.request(calls.createCall(body.mode), at, body, options)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  delete(path: string, options?: VersionOptions): Promise<void> {
    return this.#ask(calls.deleteCall, path, options?.version ?? -1, options)
  }

  /** The znode's stat; null if there is none. A watcher is told of its creation, too. */
  exists(path: string, options?: WatchOptions): Promise<Stat | null> {
    return this.#ask(calls.existsCall, path, null, options, options?.watcher)
  }

  getData(path: string, options?: WatchOptions): Promise<Data> {
    return this.#ask(calls.getDataCall, path, null, options, options?.watcher)
  }

  setData(path: string, data: DataInput, options?: VersionOptions): Promise<Stat> {
    const body = { data: dataBytes(data), version: options?.version ?? -1 }
    return this.#ask(calls.setDataCall, path, body, options)
  }

  /** The names of the znode's children, in no particular order. */
  getChildren(path: string, options?: WatchOptions): Promise<string[]> {
    return this.#ask(calls.getChildrenCall, path, null, options, options?.watcher, 'child')
  }

  /** The names of the znode's children, and its stat. */
  getChildren2(path: string, options?: WatchOptions): Promise<Children> {
    return this.#ask(calls.getChildren2Call, path, null, options, options?.watcher, 'child')
  }

  /** How many znodes there are below this one, at any depth. */
  getAllChildrenNumber(path: string, options?: CallOptions): Promise<number> {
    return this.#ask(calls.getAllChildrenNumberCall, path, null, options)
  }

  /** The paths of this session's ephemeral znodes that begin with `prefix`. */
  getEphemerals(prefix = '/', options?: CallOptions): Promise<string[]> {
    return this.#ask(calls.getEphemeralsCall, prefix, null, options)
  }

  getACL(path: string, options?: CallOptions): Promise<AccessControl> {
    return this.#ask(calls.getACLCall, path, null, options)
  }

  /** `version` is compared with the `aversion` of the stat. */
  setACL(path: string, acl: readonly ACL[], options?: VersionOptions): Promise<Stat> {
    return this.#ask(calls.setACLCall, path, { acl, version: options?.version ?? -1 }, options)
  }

  /** Lets the server catch up: what is read next is no older than what was committed when the leader got this. */
  sync(path = '/', options?: CallOptions): Promise<void> {
    return this.#ask(calls.syncCall, path, null, options)
  }

  /**
   * Writes that are applied together, or not at all.
   *
   * @throws {MultiError} that says which one failed, and why
   * @example
   * const [{ path }, stat] = await zk.multi([Op.create('/a'), Op.setData('/b', 'x', { version: 3 })])
   */
  multi<const T extends readonly WriteOp<unknown>[]>(operations: T, options?: CallOptions): Promise<Results<T>> {
    try {
      const body = multiBody(operations, this.#chroot)
      return this.#keeper.request(multiCall(operations), '', body, options) as Promise<Results<T>>
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** Reads of one moment. What cannot be read has an error in its place. */
  multiRead<const T extends readonly ReadOp<unknown>[]>(operations: T, options?: CallOptions): Promise<ReadResults<T>> {
    try {
      const body = multiBody(operations, this.#chroot)
      return this.#keeper.request(multiReadCall(operations), '', body, options) as Promise<ReadResults<T>>
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** Who the servers take this connection for. */
  whoAmI(options?: CallOptions): Promise<Identity[]> {
    return this.#keeper.request(calls.whoAmICall, '', null, options)
  }

  /** The ensemble's configuration: `server.1=…` and so on, a line each. */
  getConfig(options?: WatchOptions): Promise<Data> {
    return this.#keeper.request(calls.getDataCall, CONFIG_PATH, null, options, options?.watcher ?? null)
  }

  /** Changes the ensemble's servers; returns the new configuration. */
  reconfig(options: ReconfigOptions): Promise<Data> {
    const joined = (list: readonly string[] | undefined): string | null => list?.join(',') ?? null
    const body = {
      joining: joined(options.joining),
      leaving: joined(options.leaving),
      members: joined(options.members),
      fromConfig: options.fromConfig ?? -1,
    }
    return this.#keeper.request(calls.reconfigCall, CONFIG_PATH, body, options)
  }

  /** Whether the server has a watch of this kind, of this connection, at the path. */
  async checkWatches(path: string, type: WatcherTypeName = 'Any', options?: CallOptions): Promise<boolean> {
    try {
      await this.#ask(calls.checkWatchesCall, path, WatcherType[type], options)
      return true
    } catch (error) {
      if (KeeperError.is(error, 'NOWATCHER')) return false
      throw error
    }
  }

  /**
   * Takes away all watches of a kind at the path, here and at the server. Their watchers are told; streams end.
   *
   * @param options `local`: here at any rate, whatever the server says
   */
  async removeWatches(
    path: string,
    type: WatcherTypeName = 'Any',
    options?: CallOptions & { readonly local?: boolean | undefined },
  ): Promise<void> {
    const forget = (): void =>
      this.#keeper.watches.lose(this.#chroot.toServer(path), type, 'removed', (at) => this.#chroot.toClient(at))
    try {
      await this.#ask(calls.removeWatchesCall, path, WatcherType[type], options)
    } catch (error) {
      if (options?.local) forget()
      throw error
    }
    forget()
  }

  #ask<B, R>(
    call: Call<B, R>,
    path: string,
    body: B,
    options: CallOptions | undefined,
    watcher: Watcher | null = null,
    watchKind: OneShotKind = 'data',
  ): Promise<R> {
    try {
      return this.#keeper.request(call, serverPath(this.#chroot, path), body, options, watcher, watchKind)
    } catch (error) {
      return Promise.reject(error)
    }
  }
}

export const addWatchMode = (recursive: boolean): number =>
  recursive ? AddWatchMode.PERSISTENT_RECURSIVE : AddWatchMode.PERSISTENT
