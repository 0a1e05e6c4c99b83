import { ArgumentError, KeeperError, type KeeperErrorCode } from '@vivarium/client'
import { validatePath, validateSequentialPath } from '@vivarium/protocol'

/** What ends a command: its message is for standard error, its code for the shell that waits. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly exitCode: number

  constructor(message: string, exitCode = 1) {
    super(message)
    this.exitCode = exitCode
  }
}

/** Java's words for a code (`KeeperException.getCodeMessage`). */
const WORDS: Partial<Record<KeeperErrorCode, string>> = {
  SYSTEMERROR: 'SystemError',
  RUNTIMEINCONSISTENCY: 'RuntimeInconsistency',
  DATAINCONSISTENCY: 'DataInconsistency',
  CONNECTIONLOSS: 'ConnectionLoss',
  MARSHALLINGERROR: 'MarshallingError',
  NEWCONFIGNOQUORUM: 'NewConfigNoQuorum',
  RECONFIGINPROGRESS: 'ReconfigInProgress',
  UNIMPLEMENTED: 'Unimplemented',
  OPERATIONTIMEOUT: 'OperationTimeout',
  BADARGUMENTS: 'BadArguments',
  APIERROR: 'APIError',
  NONODE: 'NoNode',
  NOAUTH: 'NoAuth',
  BADVERSION: 'BadVersion',
  NOCHILDRENFOREPHEMERALS: 'NoChildrenForEphemerals',
  NODEEXISTS: 'NodeExists',
  INVALIDACL: 'InvalidACL',
  AUTHFAILED: 'AuthFailed',
  NOTEMPTY: 'Directory not empty',
  SESSIONEXPIRED: 'Session expired',
  INVALIDCALLBACK: 'Invalid callback',
  SESSIONMOVED: 'Session moved',
  NOTREADONLY: 'Not a read-only call',
  EPHEMERALONLOCALSESSION: 'Ephemeral node on local session',
  NOWATCHER: 'No such watcher',
  RECONFIGDISABLED: 'Reconfig is disabled',
  SESSIONCLOSEDREQUIRESASLAUTH: 'Session closed because client failed to authenticate',
  QUOTAEXCEEDED: 'Quota has exceeded',
  THROTTLEDOP: 'Op throttled due to high load',
}

/** What zkCli says of a code instead, before the path (`CliWrapperException`). */
const SENTENCES: Partial<Record<KeeperErrorCode, string>> = {
  NONODE: 'Node does not exist: ',
  NOCHILDRENFOREPHEMERALS: 'Ephemerals cannot have children: ',
  NODEEXISTS: 'Node already exists: ',
  NOTEMPTY: 'Node not empty: ',
  NOTREADONLY: 'Not a read-only call: ',
  INVALIDACL: 'Acl is not valid : ',
  NOAUTH: 'Insufficient permission : ',
  BADARGUMENTS: 'Arguments are not valid : ',
  BADVERSION: 'version No is not valid : ',
  QUOTAEXCEEDED: 'Quota has exceeded : ',
}

const RECONFIG_IN_PROGRESS = 'Another reconfiguration is in progress -- concurrent reconfigs not supported (yet)'
const NO_QUORUM =
  'No quorum of new config is connected and up-to-date with the leader of last commmitted config - ' +
  'try invoking reconfiguration after new servers are connected and synced'

/** An exception's own message in Java: `KeeperErrorCode = NoNode for /a`. */
export function keeperMessage({ code, errno, path }: KeeperError): string {
  const words = WORDS[code] ?? `Unknown error ${errno}`
  return path === null || path === '' ? `KeeperErrorCode = ${words}` : `KeeperErrorCode = ${words} for ${path}`
}

/** What zkCli prints on standard error for this failure. */
export function describeFailure(error: unknown): string {
  if (!(error instanceof KeeperError)) return error instanceof Error ? error.message : String(error)
  if (error.code === 'RECONFIGINPROGRESS') return RECONFIG_IN_PROGRESS
  if (error.code === 'NEWCONFIGNOQUORUM') return NO_QUORUM
  const sentence = SENTENCES[error.code as KeeperErrorCode]
  return sentence === undefined ? keeperMessage(error) : `${sentence}${error.path}`
}

/** The failure's name for programs: `NONODE`. */
export function failureCode(error: unknown): string {
  if (error instanceof KeeperError || error instanceof ArgumentError) return error.code
  return error instanceof CliError ? 'USAGE' : ((error as { code?: unknown } | null)?.code?.toString() ?? 'UNEXPECTED')
}

/** Refuses what is no path, with Java's words. @throws {CliError} */
export function checkPath(path: string, isSequential = false): string {
  const wrong = isSequential ? validateSequentialPath(path) : validatePath(path)
  if (wrong === null) return path
  const judged = isSequential ? `${path}1` : path
  throw new CliError(wrong.startsWith('Path ') ? wrong : `Invalid path string "${judged}" caused by ${wrong}`)
}
