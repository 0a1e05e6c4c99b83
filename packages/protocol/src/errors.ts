/**
 * What the one who asked can do about an error.
 *
 * - `answer`: the request was understood, and this is the answer; asking again brings the same until the tree changes
 * - `retry`: no answer came, or none yet; the request may have been applied
 * - `session`: the session is gone, and with it its ephemeral znodes and watches
 * - `request`: the request itself is wrong
 * - `server`: this server, as it is configured or at this moment, does not do it
 */
export type ErrorKind = 'answer' | 'retry' | 'session' | 'request' | 'server'

/** Every code of Java's KeeperException.Code but OK. */
export const KEEPER_ERRORS = {
  SYSTEMERROR: [-1, 'server', 'a system error'],
  RUNTIMEINCONSISTENCY: [-2, 'answer', 'not attempted: an earlier operation of the same multi failed'],
  DATAINCONSISTENCY: [-3, 'server', 'the data is inconsistent'],
  CONNECTIONLOSS: [-4, 'retry', 'the connection was lost before the reply; the request may have been applied'],
  MARSHALLINGERROR: [-5, 'request', 'the request could not be read'],
  UNIMPLEMENTED: [-6, 'server', 'the server does not know this operation, or it is switched off'],
  OPERATIONTIMEOUT: [-7, 'retry', 'the operation took too long; it may have been applied'],
  BADARGUMENTS: [-8, 'request', 'the request has an argument that is not allowed'],
  UNKNOWNSESSION: [-12, 'session', 'the server does not know the session'],
  NEWCONFIGNOQUORUM: [-13, 'answer', 'no quorum of the new configuration is connected and up to date'],
  RECONFIGINPROGRESS: [-14, 'answer', 'another reconfiguration is under way'],
  APIERROR: [-100, 'request', 'an API error'],
  NONODE: [-101, 'answer', 'no such znode'],
  NOAUTH: [-102, 'answer', 'the access control list does not allow it'],
  BADVERSION: [-103, 'answer', 'the znode has another version than the one asked for'],
  NOCHILDRENFOREPHEMERALS: [-108, 'answer', 'an ephemeral znode has no children'],
  NODEEXISTS: [-110, 'answer', 'the znode exists'],
  NOTEMPTY: [-111, 'answer', 'the znode has children'],
  SESSIONEXPIRED: [-112, 'session', 'the session has expired; its ephemeral znodes are gone'],
  INVALIDCALLBACK: [-113, 'request', 'the callback is not valid'],
  INVALIDACL: [-114, 'request', 'the access control list is empty or has an entry that is not valid'],
  AUTHFAILED: [-115, 'session', 'authentication failed'],
  SESSIONMOVED: [-118, 'retry', 'the session has moved to another server'],
  NOTREADONLY: [-119, 'server', 'the server is read-only: it has lost touch with the ensemble'],
  EPHEMERALONLOCALSESSION: [-120, 'request', 'a local session has no ephemeral znodes'],
  NOWATCHER: [-121, 'answer', 'there is no such watch'],
  REQUESTTIMEOUT: [-122, 'retry', 'no reply came in time; the request may have been applied'],
  RECONFIGDISABLED: [-123, 'server', 'reconfiguration is switched off'],
  SESSIONCLOSEDREQUIRESASLAUTH: [-124, 'session', 'the server asks for authentication, and closed the connection'],
  QUOTAEXCEEDED: [-125, 'answer', 'a quota would be exceeded'],
  THROTTLEDOP: [-127, 'retry', 'the request waited too long in a busy server, and was not applied'],
} as const satisfies Record<string, readonly [errno: number, kind: ErrorKind, text: string]>

/** The name of an error. */
export type KeeperErrorCode = keyof typeof KEEPER_ERRORS

/** The name of an outcome: an error, or OK. */
export type ErrorCode = KeeperErrorCode | 'OK'

const numbers: { readonly [C in ErrorCode]: number } = {
  OK: 0,
  ...(Object.fromEntries(Object.entries(KEEPER_ERRORS).map(([code, [errno]]) => [code, errno])) as {
    [C in KeeperErrorCode]: number
  }),
}
const codes = new Map<number, ErrorCode>(Object.entries(numbers).map(([code, errno]) => [errno, code as ErrorCode]))

/** The number of an outcome on the wire: `errno('NONODE')` is −101. */
export function errno(code: ErrorCode): number {
  return numbers[code]
}

/** The outcome that has this number, if there is one. */
export function errorCodeOf(errno: number): ErrorCode | undefined {
  return codes.get(errno)
}

/** What all errors thrown by these packages have in common. */
export class ZooKeeperError extends Error {
  override readonly name: string = 'ZooKeeperError'
  /** Names the error to programs; the message is for people. */
  readonly code: string

  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}

/**
 * What a server answered, or that it did not.
 *
 * @example
 * if (KeeperError.is(error, 'NONODE', 'BADVERSION')) return undefined // error.code is now 'NONODE' | 'BADVERSION'.
 */
export class KeeperError<C extends KeeperErrorCode = KeeperErrorCode> extends ZooKeeperError {
  override readonly name: string = 'KeeperError'
  declare readonly code: C
  readonly errno: number
  readonly kind: ErrorKind
  /** The path that the request was about, if it was about one. */
  readonly path: string | null

  constructor(code: C, path: string | null = null, options?: { cause?: unknown }) {
    const [errno, kind, text] = KEEPER_ERRORS[code]
    super(code, path === null ? `${code}: ${text}` : `${code}: ${text}: ${path}`, options)
    this.errno = errno
    this.kind = kind
    this.path = path
  }

  /** Whether `error` is a KeeperError with one of `codes`, or with any if none are given. */
  static is<C extends KeeperErrorCode = KeeperErrorCode>(
    error: unknown,
    ...codes: readonly C[]
  ): error is KeeperError<C> {
    return error instanceof KeeperError && (codes.length === 0 || (codes as readonly string[]).includes(error.code))
  }
}
