import { signal } from '@preact/signals'
import { account } from './account.ts'
import { address } from './http.ts'
import { type ServerSentEvent, SseParser } from './sse-parser.ts'
import type { ZnodeEvent } from './types.ts'

const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 8000
/** What is looked at may change with every row that is scrolled by: the stream follows when it has settled. */
const SETTLE_MS = 300
/** What an address may take of a request's head. */
const MOST_CHARACTERS = 6000
const TYPES: ReadonlySet<string> = new Set(['created', 'changed', 'deleted', 'children'])

/** How the stream of changes does. */
export const live = signal<'connecting' | 'live' | 'lost'>('connecting')

export interface StreamListener {
  changed(event: ZnodeEvent): void
  /** Something may have been missed: what is shown is to be read again. */
  gap(): void
}

/** Tells of changes to the znodes that are on the screen, and of no others: however large the tree is, it costs the same. */
export class EventStream {
  readonly #listener: StreamListener
  #paths: readonly string[] = []
  #key = ''
  #settling: ReturnType<typeof setTimeout> | undefined
  #connection: AbortController | null = null

  constructor(listener: StreamListener) {
    this.#listener = listener
  }

  /** The znodes to tell of, the most important first: there may be more of them than an address holds. */
  follow(paths: readonly string[]): void {
    const fitting = fit(paths)
    const key = fitting.toSorted().join('\n')
    if (key === this.#key) return
    this.#key = key
    this.#paths = fitting
    clearTimeout(this.#settling)
    this.#settling = setTimeout(() => this.restart(), SETTLE_MS)
  }

  /** Asks anew: the paths are others, or who asks is. */
  restart(): void {
    this.#connection?.abort()
    this.#connection = new AbortController()
    if (this.#paths.length > 0) void this.#run(this.#paths, this.#connection.signal)
  }

  async #run(paths: readonly string[], signal: AbortSignal): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS
    let id = ''
    while (!signal.aborted) {
      try {
        for await (const event of connect(paths, id, signal)) {
          id = event.id || id
          pauseMs = FIRST_PAUSE_MS
          this.#take(event)
        }
      } catch {
        // The connection could not be had, or ended: both are tried again.
      }
      if (signal.aborted) return
      live.value = 'lost'
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)
    }
  }

  #take({ type, data }: ServerSentEvent): void {
    if (type === 'ready' || type === 'gap') {
      live.value = 'live'
      this.#listener.gap()
      return
    }
    if (!TYPES.has(type)) return
    const { path, zxid } = JSON.parse(data) as { path: string; zxid: string }
    this.#listener.changed({ type: type as ZnodeEvent['type'], path, zxid })
  }
}

async function* connect(paths: readonly string[], id: string, signal: AbortSignal): AsyncIterable<ServerSentEvent> {
  const headers: Record<string, string> = { accept: 'text/event-stream' }
  if (account.value !== null) headers.authorization = account.value.authorization
  if (id !== '') headers['last-event-id'] = id
  const search = paths.map((path) => `path=${encodeURIComponent(path)}`).join('&')
  const response = await fetch(`${address('api/v1/events')}?recursive=false&${search}`, {
    headers,
    signal,
    credentials: 'omit',
    cache: 'no-store',
  })
  if (!response.ok || response.body === null) throw new Error(`HTTP status ${response.status}`)
  const parser = new SseParser()
  const reader = response.body
    .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
    .getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    yield* parser.push(value)
  }
}

function fit(paths: readonly string[]): string[] {
  const fitting: string[] = []
  let characters = 0
  for (const path of new Set(paths)) {
    characters += encodeURIComponent(path).length + 'path=&'.length
    if (characters > MOST_CHARACTERS) break
    fitting.push(path)
  }
  return fitting
}
