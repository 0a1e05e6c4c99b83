import {
  type ErrorKind,
  KeeperError,
  type KeeperErrorCode,
  type OperationName,
  ZooKeeperError,
} from '@vivarium/protocol'

const ADVICE: { readonly [K in ErrorKind]: string } = {
  answer: 'this is the answer: asking again brings the same until the tree changes',
  retry: 'look at what is there before asking again: the request may have been applied',
  session: 'begin anew: the ephemeral znodes, watches and locks of that session are gone',
  request: 'correct the request: asking again changes nothing',
  server: 'ask again later or another server, or see how this one is configured',
}
const NOT_APPLIED = 'ask again: the request was not applied'

/**
 * Whether what failed with this error may have changed the tree all the same: a write that left, and whose answer was lost.
 * Whoever asked has to look before asking again.
 */
export function maybeApplied(error: unknown): boolean {
  return error instanceof ZooKeeperError && 'maybeApplied' in error && error.maybeApplied === true
}

/** Where a request had come to when it failed. */
export interface RequestFate {
  readonly operation: OperationName
  /** Whether the request may have changed the tree all the same: it left, and no answer came. */
  readonly maybeApplied: boolean
}

/**
 * A request that did not get what it asked for: `code` says why, `path` about what, `advice` what can be done.
 * `KeeperError.is(error, 'NONODE')` recognises it.
 */
export class RequestError<C extends KeeperErrorCode = KeeperErrorCode> extends KeeperError<C> {
  override readonly name: string = 'RequestError'
  readonly operation: OperationName
  readonly maybeApplied: boolean

  constructor(code: C, path: string | null, fate: RequestFate, options?: { cause?: unknown }) {
    super(code, path, options)
    this.operation = fate.operation
    this.maybeApplied = fate.maybeApplied
    this.message = `${this.message} (${fate.operation})`
  }

  /** What the one who asked can do, in a sentence. */
  get advice(): string {
    return this.kind === 'retry' && !this.maybeApplied ? NOT_APPLIED : ADVICE[this.kind]
  }
}

/**
 * A multi that was not applied: none of it was. `code` is that of the operation that failed. (Only of a multi that was asked
 * again, with `retry`, `maybeApplied` is true: the first time it may have been, and the second time have failed because of it.)
 */
export class MultiError extends RequestError {
  override readonly name = 'MultiError'
  /** The position of the operation that failed. */
  readonly index: number
  /** What became of each: OK for those before it, RUNTIMEINCONSISTENCY for those after it. */
  readonly results: readonly (KeeperErrorCode | 'OK')[]

  constructor(
    code: KeeperErrorCode,
    path: string | null,
    index: number,
    results: readonly (KeeperErrorCode | 'OK')[],
    maybeApplied = false,
  ) {
    super(code, path, { operation: 'multi', maybeApplied })
    this.message = `${this.message}, operation ${index} of ${results.length}`
    this.index = index
    this.results = results
  }
}

/**
 * A request or a reply that is larger than a limit. It is never sent again by itself: the outcome would be the same.
 *
 * - `REQUEST_TOO_LARGE`: longer than `maxRequestBytes`; it was not sent, since servers end the connection over such a one
 * - `REPLY_TOO_LARGE`: longer than `maxReplyBytes`; it was skipped, and the connection lives on
 */
export class LimitError extends ZooKeeperError {
  override readonly name = 'LimitError'
  declare readonly code: 'REQUEST_TOO_LARGE' | 'REPLY_TOO_LARGE'
  readonly path: string
  readonly operation: OperationName
  /** Whether the request may have changed the tree: a write whose reply was skipped, or that had been asked before. */
  readonly maybeApplied: boolean
  readonly bytes: number
  readonly limit: number

  constructor(code: LimitError['code'], path: string, fate: RequestFate, bytes: number, limit: number) {
    const { operation, maybeApplied } = fate
    const what = code === 'REQUEST_TOO_LARGE' ? 'the request' : 'the reply'
    const option = code === 'REQUEST_TOO_LARGE' ? 'maxRequestBytes' : 'maxReplyBytes'
    super(code, `${code}: ${what} has ${bytes} bytes, ${option} allows ${limit}: ${path} (${operation})`)
    this.path = path
    this.operation = operation
    this.maybeApplied = maybeApplied
    this.bytes = bytes
    this.limit = limit
  }
}

/** The client was closed, by `close` or because it could not go on (`cause` then says why). */
export class ClosedError extends ZooKeeperError {
  override readonly name = 'ClosedError'
  declare readonly code: 'CLOSED'
  /** Whether the request that it ended may have changed the tree all the same: a write that had left. */
  readonly maybeApplied: boolean

  constructor(cause?: unknown, maybeApplied = false) {
    const why = cause instanceof Error ? `: ${cause.message}` : ''
    const doubt = maybeApplied ? '; the request may have been applied' : ''
    super('CLOSED', `the client is closed${why}${doubt}`, cause === undefined ? {} : { cause })
    this.maybeApplied = maybeApplied
  }
}

/** No session could be had in the time that was given for it. */
export class ConnectError extends ZooKeeperError {
  override readonly name = 'ConnectError'
  declare readonly code: 'CONNECT_FAILED'
  /** What came of the last attempt at each server. */
  readonly attempts: ReadonlyMap<string, string>

  constructor(attempts: ReadonlyMap<string, string>, waitedMs: number) {
    const tried = [...attempts].map(([server, outcome]) => `${server} (${outcome})`).join(', ')
    super('CONNECT_FAILED', `no session after ${waitedMs} ms: ${tried === '' ? 'no server was reached' : tried}`)
    this.attempts = attempts
  }
}

/** A connect string, an option or an argument that cannot be meant. */
export class ArgumentError extends ZooKeeperError {
  override readonly name = 'ArgumentError'
  declare readonly code: 'BAD_ARGUMENT'

  constructor(message: string) {
    super('BAD_ARGUMENT', message)
  }
}
