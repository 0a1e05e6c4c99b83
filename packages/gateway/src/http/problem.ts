import {
  ArgumentError,
  ClosedError,
  ConnectError,
  KeeperError,
  type KeeperErrorCode,
  LimitError,
  MultiError,
  RequestError,
} from '@vivarium/client'
import { OwnershipLostError, WaitTimeoutError } from '@vivarium/client/recipes'

/** The gateway's own codes, beside ZooKeeper's. */
export type GatewayCode =
  | 'BadRequest'
  | 'CrossSite'
  | 'HostNotAllowed'
  | 'Internal'
  | 'MethodNotAllowed'
  | 'NoSession'
  | 'NotAcquired'
  | 'NotFound'
  | 'ReadOnly'
  | 'RequestTimeout'
  | 'TooLarge'
  | 'TooMany'
  | 'Unauthorized'
  | 'Unavailable'
  | 'UnsupportedMediaType'

/** What a problem may say beside its code. */
export interface ProblemFields {
  readonly path?: string | undefined
  /** Which operation of a multi failed. */
  readonly index?: number | undefined
  /** What became of each operation of a multi. */
  readonly results?: readonly string[] | undefined
  /** Whether the tree may have changed all the same. */
  readonly maybeApplied?: boolean | undefined
}

/** An answer that is no success: RFC 9457's problem details. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly status: number
  readonly code: string
  readonly fields: ProblemFields
  /** Headers that go with it. */
  readonly headers: Readonly<Record<string, string>>

  constructor(
    status: number,
    code: GatewayCode | string,
    detail: string,
    fields: ProblemFields = {},
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail)
    this.status = status
    this.code = code
    this.fields = fields
    this.headers = headers
  }
}

export const badRequest = (detail: string, fields?: ProblemFields): Problem =>
  new Problem(400, 'BadRequest', detail, fields)

/** The status of each of ZooKeeper's errors, and its name in Java (KeeperException.Code, its messages). */
const KEEPER_PROBLEMS: { readonly [C in KeeperErrorCode]: readonly [status: number, name: string] } = {
  SYSTEMERROR: [502, 'SystemError'],
  RUNTIMEINCONSISTENCY: [502, 'RuntimeInconsistency'],
  DATAINCONSISTENCY: [502, 'DataInconsistency'],
  CONNECTIONLOSS: [503, 'ConnectionLoss'],
  MARSHALLINGERROR: [400, 'MarshallingError'],
  UNIMPLEMENTED: [501, 'Unimplemented'],
  OPERATIONTIMEOUT: [504, 'OperationTimeout'],
  BADARGUMENTS: [400, 'BadArguments'],
  UNKNOWNSESSION: [503, 'UnknownSession'],
  NEWCONFIGNOQUORUM: [409, 'NewConfigNoQuorum'],
  RECONFIGINPROGRESS: [409, 'ReconfigInProgress'],
  APIERROR: [502, 'APIError'],
  NONODE: [404, 'NoNode'],
  NOAUTH: [403, 'NoAuth'],
  BADVERSION: [412, 'BadVersion'],
  NOCHILDRENFOREPHEMERALS: [409, 'NoChildrenForEphemerals'],
  NODEEXISTS: [409, 'NodeExists'],
  NOTEMPTY: [409, 'NotEmpty'],
  SESSIONEXPIRED: [503, 'SessionExpired'],
  INVALIDCALLBACK: [502, 'InvalidCallback'],
  INVALIDACL: [400, 'InvalidACL'],
  AUTHFAILED: [403, 'AuthFailed'],
  SESSIONMOVED: [503, 'SessionMoved'],
  NOTREADONLY: [503, 'NotReadOnly'],
  EPHEMERALONLOCALSESSION: [409, 'EphemeralOnLocalSession'],
  NOWATCHER: [409, 'NoWatcher'],
  REQUESTTIMEOUT: [504, 'RequestTimeout'],
  RECONFIGDISABLED: [409, 'ReconfigDisabled'],
  SESSIONCLOSEDREQUIRESASLAUTH: [503, 'SessionClosedRequireSaslAuth'],
  QUOTAEXCEEDED: [409, 'QuotaExceeded'],
  THROTTLEDOP: [429, 'ThrottledOp'],
}

const keeperName = (code: string): string =>
  KEEPER_PROBLEMS[code as KeeperErrorCode]?.[1] ?? (code === 'OK' ? 'Ok' : code)

/** What is told of an error; null if it is none that was foreseen. */
export function problemOf(error: unknown): Problem | null {
  if (error instanceof Problem) return error
  if (error instanceof MultiError) {
    const [status, name] = KEEPER_PROBLEMS[error.code]
    const { index, message } = error
    return new Problem(status === 404 || status === 412 ? 409 : status, name, message, {
      path: error.path ?? undefined,
      index,
      results: error.results.map(keeperName),
    })
  }
  if (KeeperError.is(error)) {
    const [status, name] = KEEPER_PROBLEMS[error.code]
    const maybeApplied =
      error instanceof RequestError && (error.maybeApplied || error.kind === 'retry') ? error.maybeApplied : undefined
    return new Problem(status, name, error.message, { path: error.path ?? undefined, maybeApplied })
  }
  if (error instanceof ArgumentError) return badRequest(error.message)
  if (error instanceof LimitError) {
    const { path, maybeApplied } = error
    return new Problem(413, 'TooLarge', error.message, { path, maybeApplied: maybeApplied || undefined })
  }
  if (error instanceof ConnectError) return new Problem(503, 'Unavailable', error.message)
  if (error instanceof ClosedError) {
    return new Problem(503, 'Unavailable', error.message, { maybeApplied: error.maybeApplied })
  }
  if (error instanceof WaitTimeoutError || error instanceof OwnershipLostError) {
    return new Problem(409, 'NotAcquired', error.message, { path: error.path })
  }
  return null
}

/** The body of a problem. */
export function problemBody({ status, code, message, fields }: Problem): Record<string, unknown> {
  return { type: 'about:blank', title: TITLES.get(status) ?? 'Error', status, detail: message, code, ...fields }
}

const TITLES: ReadonlyMap<number, string> = new Map([
  [400, 'Bad Request'],
  [401, 'Unauthorized'],
  [403, 'Forbidden'],
  [404, 'Not Found'],
  [405, 'Method Not Allowed'],
  [408, 'Request Timeout'],
  [409, 'Conflict'],
  [412, 'Precondition Failed'],
  [413, 'Content Too Large'],
  [415, 'Unsupported Media Type'],
  [421, 'Misdirected Request'],
  [429, 'Too Many Requests'],
  [431, 'Request Header Fields Too Large'],
  [500, 'Internal Server Error'],
  [501, 'Not Implemented'],
  [502, 'Bad Gateway'],
  [503, 'Service Unavailable'],
  [504, 'Gateway Timeout'],
])
