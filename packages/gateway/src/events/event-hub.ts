import { randomBytes } from 'node:crypto'
import type { State } from '@vivarium/client'
import type { Clock, Timer } from '@vivarium/env'
import type { ClientPool, PooledClient } from '../clients/client-pool.ts'
import { Problem } from '../http/problem.ts'
import type { EventStream } from './event-stream.ts'
import { eventText, gapText } from './event-text.ts'
import type { Told } from './replay-buffer.ts'
import { SharedWatch } from './shared-watch.ts'

export interface HubLimits {
  /** Streams at once. */
  readonly streams: number
  /** Watches at once, of all streams together. */
  readonly watches: number
  /** Bytes that a reader may be behind. */
  readonly streamBytes: number
  /** Bytes of what was told that each watch keeps for streams that come back. */
  readonly replayBytes: number
  /** For how long a watch is kept that no stream wants any more, in milliseconds: streams come back. */
  readonly lingerMs: number
  /** Znodes under a watch of which it is told, after a loss of the connection, what has become of them. */
  readonly pictureZnodes: number
  /** Of all watches together. */
  readonly pictures: number
}

/** What a stream wants to hear of. */
export interface Subscription {
  readonly credentials: string | null
  readonly paths: readonly string[]
  readonly recursive: boolean
  /** The last that it has heard, as it was told then; null for a new one. */
  readonly lastEventId: string | null
}

interface Entry {
  readonly key: string
  readonly client: PooledClient
  readonly started: Promise<SharedWatch>
  watch: SharedWatch | null
  users: number
  linger: Timer | null
}

/** Where changes do not end, streams are written so seldom: writing costs more than what is written, and wakes who reads. */
const PACE_MS = 50
const HEARTBEAT_MS = 15_000
const HEARTBEAT = Buffer.from(':\n\n')

/** Streams of changes, and the watches that they share: one for each identity, path and kind. */
export class EventHub {
  readonly #pool: ClientPool
  readonly #clock: Clock
  readonly #limits: HubLimits
  readonly #entries = new Map<string, Entry>()
  readonly #streams = new Set<EventStream>()
  /** Tells this hub's numbers from those of others, such as the one before a restart. */
  readonly #name = randomBytes(6).toString('base64url').replaceAll('-', '_')
  #opening = 0
  #number = 0
  #awake: EventStream[] = []
  #flushedMs = Number.NEGATIVE_INFINITY
  #heartbeat: Timer | null = null

  constructor(pool: ClientPool, clock: Clock, limits: HubLimits) {
    this.#pool = pool
    this.#clock = clock
    this.#limits = limits
  }

  /** How many streams there are, and watches. */
  get size(): { readonly streams: number; readonly watches: number } {
    return { streams: this.#streams.size, watches: this.#entries.size }
  }

  /**
   * Begins a stream once the servers have its watches: whoever reads after the event `ready` misses nothing.
   *
   * @param open writes the head of the answer, and returns the rest
   * @throws {Problem} if there are too many, or the watches cannot be had
   */
  async subscribe(
    { credentials, paths, recursive, lastEventId }: Subscription,
    open: (streamBytes: number) => EventStream,
    closed: AbortSignal,
  ): Promise<void> {
    if (this.#streams.size + this.#opening >= this.#limits.streams) throw tooMany('event streams')
    const wanted = recursive ? outermost(paths) : [...new Set(paths)]
    const entries: Entry[] = []
    this.#opening++
    try {
      for (const path of wanted) entries.push(this.#acquire(credentials, path, recursive))
      const watches = await Promise.all(entries.map(({ started }) => started))
      if (closed.aborted) return this.#release(entries)
      this.#begin(open(this.#limits.streamBytes), watches, entries, { lastEventId, recursive }, closed)
    } catch (error) {
      this.#release(entries)
      throw error
    } finally {
      this.#opening--
    }
  }

  async close(): Promise<void> {
    this.#heartbeat?.cancel()
    for (const stream of this.#streams) stream.end()
    this.#streams.clear()
    const entries = [...this.#entries.values()]
    await Promise.all(entries.map((entry) => this.#remove(entry)))
  }

  #begin(
    stream: EventStream,
    watches: readonly SharedWatch[],
    entries: readonly Entry[],
    { lastEventId, recursive }: Pick<Subscription, 'lastEventId' | 'recursive'>,
    closed: AbortSignal,
  ): void {
    const paths = watches.map(({ path }) => path)
    const number = lastEventId === null ? null : this.#numberOf(lastEventId)
    const missed = this.#missed(watches, number)
    const resumed = number !== null && missed.gaps.length === 0
    stream.add(eventText('ready', { paths, recursive, resumed }, this.#id(number ?? this.#number)))
    for (const { text } of missed.told) stream.add(text)
    if (lastEventId !== null) {
      for (const path of missed.gaps) stream.add(gapText(path, 'unknown-id', this.#id(this.#number)))
    }
    this.#streams.add(stream)
    for (const watch of watches) watch.streams.add(stream)
    stream.flush()
    this.#heartbeat ??= this.#clock.every(HEARTBEAT_MS, () => this.#beat())
    const zk = entries[0]?.client.zk
    const unsubscribe = zk?.onState(({ state }) => this.#tellState(stream, state))
    const leave = (): void => {
      unsubscribe?.()
      stream.end()
      this.#streams.delete(stream)
      for (const watch of watches) watch.streams.delete(stream)
      this.#release(entries)
    }
    closed.addEventListener('abort', leave, { once: true })
  }

  /** What a stream that comes back has not heard, in its order; and of which paths nobody knows. */
  #missed(
    watches: readonly SharedWatch[],
    number: number | null,
  ): { readonly told: readonly Told[]; readonly gaps: readonly string[] } {
    const told: Told[] = []
    const gaps: string[] = []
    for (const watch of watches) {
      const missed = number === null ? null : watch.after(number)
      if (missed === null) gaps.push(watch.path)
      else told.push(...missed)
    }
    return { told: told.sort((a, b) => a.number - b.number), gaps }
  }

  #acquire(credentials: string | null, path: string, recursive: boolean): Entry {
    const client = this.#pool.acquire(credentials)
    const key = `${client.key} ${recursive} ${path}`
    const present = this.#entries.get(key)
    if (present !== undefined) {
      this.#pool.release(client)
      present.users++
      present.linger?.cancel()
      present.linger = null
      return present
    }
    if (this.#entries.size >= this.#limits.watches) {
      this.#pool.release(client)
      throw tooMany('watches')
    }
    const { replayBytes } = this.#limits
    const host = {
      number: () => ({ number: ++this.#number, id: this.#id(this.#number) }),
      wake: (stream: EventStream) => this.#wake(stream),
      roomFor: (watch: SharedWatch) => this.#roomFor(watch),
      ended: () => this.#ended(entry),
    }
    const started = SharedWatch.start({ zk: client.zk, path, recursive, replayBytes, host })
    const entry: Entry = { key, client, started, watch: null, users: 1, linger: null }
    this.#entries.set(key, entry)
    started.then(
      (watch) => {
        entry.watch = watch
      },
      () => void this.#remove(entry),
    )
    return entry
  }

  #release(entries: readonly Entry[]): void {
    for (const entry of entries) {
      if (--entry.users > 0 || this.#entries.get(entry.key) !== entry) continue
      entry.linger = this.#clock.after(this.#limits.lingerMs, () => void this.#remove(entry))
    }
  }

  async #remove(entry: Entry): Promise<void> {
    entry.linger?.cancel()
    if (this.#entries.get(entry.key) !== entry) return
    this.#entries.delete(entry.key)
    await entry.watch?.stop().catch(() => {})
    this.#pool.release(entry.client)
  }

  /** What others know of takes room, too. */
  #roomFor(watch: SharedWatch): number {
    const { pictureZnodes, pictures } = this.#limits
    let known = -watch.size
    for (const entry of this.#entries.values()) known += entry.watch?.size ?? 0
    return Math.min(pictureZnodes, pictures - known)
  }

  /** Its client is closed: whoever comes back gets another one. */
  #ended(entry: Entry): void {
    for (const stream of entry.watch?.streams ?? []) stream.end()
    void this.#remove(entry)
  }

  #tellState(stream: EventStream, state: State): void {
    if (stream.add(eventText('state', { state }, null))) this.#wake(stream)
  }

  #wake(stream: EventStream): void {
    this.#awake.push(stream)
    if (this.#awake.length > 1) return
    const restMs = this.#flushedMs + PACE_MS - this.#clock.monotonicMs()
    if (restMs <= 0) this.#clock.soon(() => this.#flush())
    else this.#clock.after(restMs, () => this.#flush())
  }

  #flush(): void {
    const awake = this.#awake
    this.#awake = []
    this.#flushedMs = this.#clock.monotonicMs()
    for (const each of awake) each.flush()
  }

  #beat(): void {
    for (const stream of this.#streams) if (stream.add(HEARTBEAT)) this.#wake(stream)
  }

  #id(number: number): string {
    return `${this.#name}-${number}`
  }

  /** Null if it is another hub's, or none. */
  #numberOf(id: string): number | null {
    const at = id.lastIndexOf('-')
    const digits = id.slice(at + 1)
    return at > 0 && id.slice(0, at) === this.#name && /^\d{1,15}$/.test(digits) ? Number(digits) : null
  }
}

const tooMany = (what: string): Problem =>
  new Problem(503, 'TooMany', `there are too many ${what}`, {}, { 'retry-after': '5' })

/** Without paths that are below others. */
function outermost(paths: readonly string[]): string[] {
  const all = new Set(paths)
  const hasAbove = (path: string): boolean => {
    for (let at = path; at !== '/'; ) {
      at = at.slice(0, Math.max(1, at.lastIndexOf('/')))
      if (all.has(at)) return true
    }
    return false
  }
  return [...all].filter((path) => !hasAbove(path))
}
