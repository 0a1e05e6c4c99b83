import { KeeperError } from '@vivarium/protocol'
import { RequestError } from '../../errors.ts'
import type { CallOptions } from '../../requests/request.ts'
import type { ZooKeeper } from '../../zookeeper.ts'

/** How a value is written into a znode. */
export interface Codec<T> {
  encode(value: T): Uint8Array
  /** @throws {TypeError} if the bytes are no such value */
  decode(data: Buffer): T
}

export interface Versioned<T> {
  readonly value: T
  /** Of the znode's data; −1 if there is no znode. */
  readonly version: number
}

/** A value in a znode, which many change: by reading, and writing only what nobody has changed since. */
export class Cell<T> {
  readonly path: string
  readonly #zk: ZooKeeper
  readonly #codec: Codec<T>
  readonly #initial: T

  constructor(zk: ZooKeeper, path: string, codec: Codec<T>, initial: T) {
    this.path = path
    this.#zk = zk
    this.#codec = codec
    this.#initial = initial
  }

  /** What the server knows, which may be behind. Where nothing is stored yet, the initial value. */
  async read(options?: CallOptions): Promise<Versioned<T>> {
    try {
      const { data, stat } = await this.#zk.getData(this.path, options)
      return { value: data.length === 0 ? this.#initial : this.#codec.decode(data), version: stat.version }
    } catch (error) {
      if (KeeperError.is(error, 'NONODE')) return { value: this.#initial, version: -1 }
      throw error
    }
  }

  /** The latest value, surely. */
  async latest(options?: CallOptions): Promise<Versioned<T>> {
    const [, read] = await Promise.all([this.#zk.sync(this.path, options), this.read(options)])
    return read
  }

  /**
   * Sets it to what `change` makes of the present value; `undefined` leaves it. Whoever comes in between makes us look
   * again. A write whose answer was lost is made again only if it surely was not applied.
   *
   * @throws {RequestError} CONNECTIONLOSS with `maybeApplied` if that cannot be known
   */
  async update(
    change: (value: T) => T | undefined,
    { signal, timeoutMs }: CallOptions = {},
  ): Promise<{ readonly before: T; readonly after: T; readonly changed: boolean }> {
    for (;;) {
      const options = { signal, timeoutMs, session: this.#zk.session ?? undefined }
      const { value, version } = await this.read(options)
      const next = change(value)
      if (next === undefined) return { before: value, after: value, changed: false }
      try {
        await this.#write(this.#codec.encode(next), version, options)
        return { before: value, after: next, changed: true }
      } catch (error) {
        if (KeeperError.is(error, 'BADVERSION', 'NODEEXISTS', 'NONODE')) continue
        if (!(await this.#isUntouched(error, version, options))) throw error
      }
    }
  }

  async #write(data: Uint8Array, version: number, options: CallOptions): Promise<void> {
    if (version !== -1) await this.#zk.setData(this.path, data, { ...options, version })
    else await this.#create(data, options)
  }

  async #create(data: Uint8Array, options: CallOptions): Promise<void> {
    const parent = this.path.slice(0, this.path.lastIndexOf('/'))
    if (parent !== '') await this.#zk.ensurePath(parent, options)
    await this.#zk.create(this.path, { ...options, data })
  }

  /**
   * Whether a write that was not answered was surely not applied: in its own session, after a sync, the version is still
   * what it was. What the old server may still hold of that session's is refused from now on (SESSIONMOVED).
   */
  async #isUntouched(error: unknown, version: number, options: CallOptions): Promise<boolean> {
    if (!(error instanceof RequestError) || error.code !== 'CONNECTIONLOSS') return false
    if (!error.maybeApplied) return true
    try {
      return (await this.latest(options)).version === version
    } catch {
      return false
    }
  }
}
