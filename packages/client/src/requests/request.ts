import type { OperationName, Reader, Writer } from '@vivarium/protocol'
import type { Chroot } from '../chroot.ts'
import type { Session } from '../session/session.ts'
import type { Watcher } from '../watches/watch-event.ts'

/** What can be said of any request. */
export interface CallOptions {
  /** Gives the request up: its promise rejects with the signal's reason. What has left may still be applied. */
  readonly signal?: AbortSignal | undefined
  /** How long to wait for the answer, the wait for a connection included. Default: `requestTimeoutMs` of the client. */
  readonly timeoutMs?: number | undefined
  /**
   * Whether to ask again when the connection was lost before the answer. Default: reads yes, writes no. A write that is
   * asked again may be applied twice: only for one to which that does no harm.
   */
  readonly retry?: boolean | undefined
  /** Only in this session: once it is lost, the request fails with SESSIONEXPIRED. Default: the one of this moment. */
  readonly session?: Session | undefined
  /** Not bound to a session: where the one of this moment is lost before the answer, the next one is asked. */
  readonly acrossSessions?: boolean | undefined
}

/** How one operation is written and read: shared by all its requests. */
export interface Call<B, R> {
  readonly name: OperationName
  readonly opcode: number
  /** Asking twice does no harm. */
  readonly isRead: boolean
  /** NONODE is an answer, null, and not an error: of exists. */
  readonly absentIsNull: boolean
  write(writer: Writer, path: string, body: B, watch: boolean): void
  /** Throws a KeeperError for a failure that is told in the body. */
  read(reader: Reader, chroot: Chroot): R
}

/** Which table of watches a request's watcher goes to, if the znode exists. */
export type OneShotKind = 'data' | 'child'

/** A request from when it was asked for until it is answered. */
export class Request {
  readonly call: Call<unknown, unknown>
  /** The server's. */
  readonly path: string
  readonly body: unknown
  readonly watcher: Watcher | null
  readonly watchKind: OneShotKind
  /** The number of the session that it belongs to; 0: any. */
  readonly sessionNumber: number
  readonly retry: boolean
  /** On the monotonic clock. */
  readonly deadlineMs: number
  xid = 0
  /** It has left at least once. */
  sent = false
  /** It has left more than once: a connection was lost before the answer. */
  again = false
  settled = false
  readonly #signal: AbortSignal | null
  #resolve!: (value: never) => void
  #reject!: (error: unknown) => void

  constructor(
    call: Call<unknown, unknown>,
    path: string,
    body: unknown,
    watcher: Watcher | null,
    watchKind: OneShotKind,
    sessionNumber: number,
    deadlineMs: number,
    options: CallOptions | undefined,
  ) {
    this.call = call
    this.path = path
    this.body = body
    this.watcher = watcher
    this.watchKind = watchKind
    this.sessionNumber = sessionNumber
    this.deadlineMs = deadlineMs
    this.retry = options?.retry ?? call.isRead
    this.#signal = options?.signal ?? null
  }

  /** Without an answer: whether it may have changed the tree, or change it yet. */
  get mayBeApplied(): boolean {
    return this.sent && !this.call.isRead
  }

  /** The promise of the answer. To be called once. */
  promise<R>(): Promise<R> {
    const promise = new Promise<R>((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    if (this.#signal !== null) this.#signal.addEventListener('abort', this, { once: true })
    return promise
  }

  /** The signal was aborted. The request keeps its place in the queue, for the reply that will come. */
  handleEvent(): void {
    this.reject(this.#signal?.reason)
  }

  resolve(value: unknown): void {
    if (this.settled) return
    this.#settle()
    this.#resolve(value as never)
  }

  reject(error: unknown): void {
    if (this.settled) return
    this.#settle()
    this.#reject(error)
  }

  #settle(): void {
    this.settled = true
    if (this.#signal !== null) this.#signal.removeEventListener('abort', this)
  }
}
