import type { Watch, WatchEvent, ZooKeeper } from '@vivarium/client'
import { type Change, changeOf } from './change.ts'
import type { EventStream } from './event-stream.ts'
import { changeText, type GapReason, gapText } from './event-text.ts'
import { Picture } from './picture.ts'
import { ReplayBuffer, type Told } from './replay-buffer.ts'
import { sweep } from './sweep.ts'

/** What a watch needs of the hub. */
export interface WatchHost {
  /** The number of the next thing that is told, whatever it is about; and how it is written. */
  number(): { readonly number: number; readonly id: string }
  /** Has a stream flushed soon. */
  wake(stream: EventStream): void
  /** How many znodes the watch may know of. */
  roomFor(watch: SharedWatch): number
  /** The watch has ended without being asked to. */
  ended(watch: SharedWatch): void
}

export interface SharedWatchOptions {
  readonly zk: ZooKeeper
  readonly path: string
  readonly recursive: boolean
  /** Of what was told, so much is kept for streams that come back. */
  readonly replayBytes: number
  readonly host: WatchHost
}

/** Of more changes than that, which come while it is being read what there is, it is only said that there is a gap. */
const MOST_HELD = 10_000

/**
 * One watch of the servers, for all streams that want to hear of the same. After a time without a connection it reads again what
 * there is, and tells what has changed meanwhile, in the order of transactions and each once. Where there is too much for that,
 * it says that there is a gap.
 */
export class SharedWatch {
  readonly path: string
  readonly streams = new Set<EventStream>()
  readonly #options: SharedWatchOptions
  readonly #replay: ReplayBuffer
  /** Null: it is not known what there is. */
  #picture: Picture | null = null
  /** Whether it is known of all that there is. */
  #isWhole = false
  /** What has come while it is being read what there is: it waits until all of it can be put in its order. */
  #held: Change[] | null = null
  #sweeping = new AbortController()
  #watch: Watch | null = null

  private constructor(options: SharedWatchOptions) {
    this.path = options.path
    this.#options = options
    this.#replay = new ReplayBuffer(options.replayBytes, options.host.number().number)
  }

  /** Resolves once the servers have the watch. */
  static async start(options: SharedWatchOptions): Promise<SharedWatch> {
    const { zk, path, recursive } = options
    const watch = new SharedWatch(options)
    watch.#watch = await zk.addWatch(path, (event) => watch.#hear(event), {
      recursive,
      acrossSessions: true,
      rearmed: () => void watch.#catchUp(),
    })
    void watch.#learn()
    return watch
  }

  /** How many znodes it knows of. */
  get size(): number {
    return this.#picture?.size ?? 0
  }

  /** What was told after this number; null if not all of it is known. */
  after(number: number): readonly Told[] | null {
    return this.#replay.after(number)
  }

  async stop(): Promise<void> {
    this.#sweeping.abort()
    await this.#watch?.remove()
  }

  #hear(event: WatchEvent): void {
    if (event.type === 'WatchLost') {
      this.#sweeping.abort()
      this.#options.host.ended(this)
      return
    }
    const change = changeOf(event)
    // Without zxids there is no telling what is news.
    if (change.zxid === null) this.#picture = null
    const news = this.#picture?.told(change) ?? [change]
    if (change.type === 'created' && this.size > this.#options.host.roomFor(this)) this.#picture = null
    this.#take(this.#isWhole ? news : [change])
  }

  #take(changes: readonly Change[]): void {
    if (this.#held === null) for (const change of changes) this.#tell(change)
    else if (this.#held.length < MOST_HELD) this.#held.push(...changes)
    else {
      this.#held = null
      this.#picture = null
      this.#gap('overflow')
    }
  }

  /** Reads what there is, so as to know later what has changed. */
  async #learn(): Promise<void> {
    const picture = new Picture(this.#options.recursive)
    this.#picture = picture
    this.#isWhole = false
    const isWhole = await this.#sweep(picture, () => {})
    if (this.#picture !== picture) return
    this.#isWhole = isWhole === true
    if (!this.#isWhole) this.#picture = null
  }

  /** The watch was set again: what has happened since it was lost is to be found. */
  async #catchUp(): Promise<void> {
    const picture = this.#picture
    if (picture !== null && this.#isWhole) {
      this.#held ??= []
      const isWhole = await this.#sweep(picture, (changes) => this.#take(changes))
      // The next connection goes on with it.
      if (isWhole === null) return
      const held = this.#held ?? []
      this.#held = null
      if (isWhole && this.#picture === picture) {
        // Deletions whose transaction nobody knows come first: what they make room for has come after them.
        for (const change of held.sort((a, b) => (a.zxid ?? 0) - (b.zxid ?? 0))) this.#tell(change)
        return
      }
    }
    this.#held = null
    this.#gap('reconnected')
    await this.#learn()
  }

  /** True: all was read; false: there is too much, or it cannot be read; null: something has come between. */
  async #sweep(picture: Picture, news: (changes: readonly Change[]) => void): Promise<boolean | null> {
    this.#sweeping.abort()
    this.#sweeping = new AbortController()
    const { signal } = this.#sweeping
    const { zk, path, recursive, host } = this.#options
    const most = host.roomFor(this)
    try {
      picture.begin()
      // What a sweep finds that was given up is news all the same: the picture has it from then on, and the next one finds nothing.
      const isWhole = await sweep(picture, { zk, path, recursive, most, signal }, news)
      if (signal.aborted) return null
      picture.end()
      return isWhole && picture.size <= most
    } catch {
      // Without a connection, the next one brings another sweep.
      return signal.aborted || zk.state !== 'connected' ? null : false
    }
  }

  #tell(change: Change): void {
    const { number, id } = this.#options.host.number()
    this.#send({ number, text: changeText(change, id) })
  }

  #gap(reason: GapReason): void {
    const { number, id } = this.#options.host.number()
    this.#send({ number, text: gapText(this.path, reason, id) })
  }

  #send(told: Told): void {
    this.#replay.add(told)
    for (const stream of this.streams) if (stream.add(told.text)) this.#options.host.wake(stream)
  }
}
