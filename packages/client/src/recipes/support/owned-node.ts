import { type CreateModeName, KeeperError, nameOf, parentOf, type Zxid } from '@vivarium/protocol'
import { ClosedError } from '../../errors.ts'
import { uuid } from '../../random.ts'
import type { CreateOptions, DataInput } from '../../requests/arguments.ts'
import type { CallOptions } from '../../requests/request.ts'
import type { Session } from '../../session/session.ts'
import type { WatchEvent } from '../../watches/watch-event.ts'
import type { ZooKeeper } from '../../zookeeper.ts'
import { OwnershipLostError } from './errors.ts'
import { connectedSession, patient } from './waiting.ts'

/** What Curator's Revoker writes into the znode of a lock that is wanted back. */
export const REVOKE_MESSAGE = '__REVOKE__'

export interface OwnedNodeOptions {
  readonly mode: Extract<CreateModeName, 'EPHEMERAL' | 'EPHEMERAL_SEQUENTIAL'>
  readonly data?: DataInput | undefined
  readonly acl?: CreateOptions['acl']
}

/**
 * An ephemeral znode that stands for its creator's place or right. It belongs to one session, and every request about it
 * is bound to that session: what is left of it in the next one is never taken for it (CURATOR-604, CURATOR-696).
 */
export class OwnedNode {
  readonly zk: ZooKeeper
  readonly session: Session
  readonly path: string
  /** The transaction that created it. */
  readonly czxid: Zxid
  readonly #gone = new AbortController()
  readonly #revocation = new AbortController()
  #watched: Promise<void> | null = null
  #removed: Promise<void> | null = null

  private constructor(zk: ZooKeeper, session: Session, path: string, czxid: Zxid) {
    this.zk = zk
    this.session = session
    this.path = path
    this.czxid = czxid
  }

  /**
   * Creates it with protection, so that it is there once or not at all, and what is missing above it as containers, as
   * Curator does. If the signal aborts meanwhile, it is removed again.
   */
  static async create(
    zk: ZooKeeper,
    path: string,
    session: Session,
    options: OwnedNodeOptions,
    signal: AbortSignal,
  ): Promise<OwnedNode> {
    const call = patient(session, signal)
    for (;;) {
      try {
        const created = await zk.create(path, { ...options, ...call, protect: true })
        return new OwnedNode(zk, session, created.path, created.stat.czxid)
      } catch (error) {
        if (!KeeperError.is(error, 'NONODE')) throw error
      }
      await zk.ensurePath(parentOf(path), { ...call, mode: 'CONTAINER' })
    }
  }

  /**
   * Creates it under a name that is given, for which others contend: null if someone else has it. What it holds tells us
   * that it is ours, if the reply is lost. (It takes no signal: a claim is made or not, and the session bounds it.)
   */
  static async claim(zk: ZooKeeper, path: string, session: Session): Promise<OwnedNode | null> {
    const data = uuid(zk.env.random)
    const call = patient(session)
    for (;;) {
      try {
        const { stat } = await zk.create(path, { ...call, data, mode: 'EPHEMERAL' })
        return new OwnedNode(zk, session, path, stat.czxid)
      } catch (error) {
        if (!KeeperError.is(error, 'CONNECTIONLOSS', 'NODEEXISTS')) throw error
      }
      try {
        const found = await zk.getData(path, call)
        return found.data.toString() === data ? new OwnedNode(zk, session, path, found.stat.czxid) : null
      } catch (error) {
        if (!KeeperError.is(error, 'NONODE')) throw error
      }
    }
  }

  /**
   * Creates it under a name that nobody else uses. One that an earlier session has left there is deleted: servers may not
   * know for a while that it is over. (It takes no signal, as a claim does not.)
   */
  static async mine(
    zk: ZooKeeper,
    path: string,
    session: Session,
    options: Pick<OwnedNodeOptions, 'data' | 'acl'>,
  ): Promise<OwnedNode> {
    const call = patient(session)
    for (;;) {
      try {
        const { stat } = await zk.create(path, { ...options, ...call, mode: 'EPHEMERAL' })
        return new OwnedNode(zk, session, path, stat.czxid)
      } catch (error) {
        if (KeeperError.is(error, 'NONODE')) await zk.ensurePath(parentOf(path), { ...call, mode: 'CONTAINER' })
        else if (!KeeperError.is(error, 'CONNECTIONLOSS', 'NODEEXISTS')) throw error
      }
      const stat = await zk.exists(path, call)
      if (stat?.ephemeralOwner === session.id) return new OwnedNode(zk, session, path, stat.czxid)
      if (stat !== null) await deleteIfThere(zk, path, call)
    }
  }

  get name(): string {
    return nameOf(this.path)
  }

  /** Aborts when the znode was deleted by someone else, or begins to be removed here: its reason says which. */
  get gone(): AbortSignal {
    return this.#gone.signal
  }

  /** Aborts when someone has written Curator's `__REVOKE__` into it. */
  get revocation(): AbortSignal {
    return this.#revocation.signal
  }

  /** How requests about it are made. */
  call(signal?: AbortSignal): CallOptions {
    return patient(this.session, signal)
  }

  /** Keeps an eye on it from now on: `gone` and `revocation` tell. @throws {OwnershipLostError} if it is not there */
  watch(): Promise<void> {
    this.#watched ??= this.#watch()
    return this.#watched
  }

  async #watch(): Promise<void> {
    try {
      const { data } = await this.zk.getData(this.path, { ...this.call(), watcher: (event) => this.#changed(event) })
      if (data.equals(Buffer.from(REVOKE_MESSAGE))) this.#revocation.abort()
    } catch (error) {
      if (!KeeperError.is(error, 'NONODE')) throw error
      throw this.#deleted()
    }
  }

  #changed(event: WatchEvent): void {
    if (event.type === 'NodeDeleted') this.#deleted()
    // Should this fail, the session is over, and that is told elsewhere.
    else if (event.type === 'NodeDataChanged') this.#watch().catch(() => {})
  }

  #deleted(): OwnershipLostError {
    const error = new OwnershipLostError(this.path, 'deleted')
    this.#gone.abort(error)
    return error
  }

  /**
   * Deletes it, however often the connection is lost meanwhile: when this has resolved, it is gone, or its session is
   * over and the servers take it away. So it takes no longer than the session lives.
   */
  remove(): Promise<void> {
    // Whatever else rests on it ends now, and not when the servers say so: the next one may be faster.
    this.#gone.abort(new OwnershipLostError(this.path, 'released'))
    this.#removed ??= this.#remove()
    return this.#removed
  }

  async #remove(): Promise<void> {
    do {
      try {
        return await this.zk.delete(this.path, this.call())
      } catch (error) {
        if (KeeperError.is(error, 'NONODE', 'SESSIONEXPIRED') || error instanceof ClosedError) return
        if (!KeeperError.is(error, 'CONNECTIONLOSS', 'NOTREADONLY')) throw error
      }
      // A server that has lost touch with its ensemble takes no deletion: another one will.
      await connectedSession(this.zk, this.session.signal).catch(() => {})
    } while (await this.#isThere())
  }

  /**
   * Whether a deletion whose answer was lost has to be made again. By then the path may be someone else's, who has claimed
   * it since. After a sync: what is on its way through another server comes before that, or is refused.
   */
  async #isThere(): Promise<boolean> {
    for (;;) {
      try {
        const call = this.call()
        const [, stat] = await Promise.all([this.zk.sync(this.path, call), this.zk.exists(this.path, call)])
        return stat?.czxid === this.czxid
      } catch (error) {
        if (KeeperError.is(error, 'SESSIONEXPIRED') || error instanceof ClosedError) return false
        if (!KeeperError.is(error, 'CONNECTIONLOSS')) throw error
      }
    }
  }
}

/** Deletes the znode at a path that is only ours. */
export async function deleteIfThere(zk: ZooKeeper, path: string, options: CallOptions): Promise<void> {
  try {
    await zk.delete(path, { ...options, retry: true })
  } catch (error) {
    if (!KeeperError.is(error, 'NONODE')) throw error
  }
}
