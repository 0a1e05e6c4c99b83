import { KeeperError, parentOf } from '@vivarium/protocol'
import type { CallOptions } from '../../requests/request.ts'
import type { ZooKeeper } from '../../zookeeper.ts'
import { untilAnswered } from './until-answered.ts'

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
   * again.
   *
   * @throws {RequestError} CONNECTIONLOSS with `maybeApplied` if it cannot be known whether it was written
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
      const written = await this.#replace(version, this.#codec.encode(next), options)
      if (written) return { before: value, after: next, changed: true }
    }
  }

  /**
   * Writes over a version; false if that is not the present one. A write whose answer was lost is made again: two of them
   * cannot both be applied. If then the version is another, nobody can say whether the first one made it so.
   */
  async #replace(version: number, data: Uint8Array, options: CallOptions): Promise<boolean> {
    try {
      await untilAnswered(async () => {
        if (version === -1) await this.#create(data, options)
        else await this.#zk.setData(this.path, data, { ...options, version })
      })
      return true
    } catch (error) {
      if (KeeperError.is(error, 'BADVERSION', 'NODEEXISTS', 'NONODE')) return false
      throw error
    }
  }

  async #create(data: Uint8Array, options: CallOptions): Promise<void> {
    const parent = parentOf(this.path)
    if (parent !== '/') await this.#zk.ensurePath(parent, options)
    await this.#zk.create(this.path, { ...options, data })
  }
}
