import { type ErrorCode, KeeperOp, OpCode, type Reader, Stat, type TxnBody, validatePath } from '@vivarium/protocol'
import { prepareCheck } from '../operations/check.ts'
import { prepareCreate } from '../operations/create.ts'
import { prepareDelete } from '../operations/delete.ts'
import { type CreateArguments, readCreate } from '../operations/requests.ts'
import type { ChangeRecord } from '../pipeline/change-record.ts'
import type { Preparation } from '../pipeline/preparation.ts'
import { NodeKind } from '../tree/index.ts'
import { isAsWanted } from './keeper-reads.ts'

/** What a removal adds to a transaction besides its path. */
const DELETE_BYTES = 16

/**
 * Transactions are ZooKeeper's own, so that every server can apply them; what a client is to be told of them has to be in
 * them, too. A check changes nothing, and these two are none that a client could have asked for:
 *
 * - of the path '' and version n: the n removals behind it are one operation
 * - of a path behind a NUL: a create found that there is such a znode
 */
const REMOVALS = ''
const FOUND = '\0'

/** A request for one of ClickHouse Keeper's operations that write, or for a check within a multi. */
export type KeeperRequest = CreateArguments | PathAndNumber

interface PathAndNumber {
  readonly path: string | null
  /** A version, or how many znodes may be removed. */
  readonly number: number
  readonly stat: Stat | null
}

/** Whether an operation may stand in a multi. */
export const isKeeperPart = (opcode: number): boolean =>
  opcode >= KeeperOp.checkNotExists && opcode <= KeeperOp.tryRemove

/** @throws {JuteError} */
export function readKeeperRequest(opcode: number, body: Reader): KeeperRequest {
  if (opcode === KeeperOp.createIfNotExists) return readCreate(body)
  const request = { path: body.string(), number: body.int() }
  return { ...request, stat: opcode === KeeperOp.checkStat ? Stat.read(body) : null }
}

/** What an operation that comes by itself becomes. */
export function prepareKeeperWrite(
  opcode: number,
  request: KeeperRequest,
  prep: Preparation,
  maxTxnBytes: number,
): TxnBody | { readonly type: typeof OpCode.multi; readonly record: { readonly txns: TxnBody[] } } | ErrorCode {
  prep.changes.begin()
  const txns = prepareKeeperPart(opcode, request, prep, maxTxnBytes)
  if (typeof txns === 'string') {
    prep.changes.rollback()
    return txns
  }
  prep.changes.commit()
  const [only] = txns
  const plain = txns.length === 1 && only !== undefined && only.type !== OpCode.check
  return plain ? only : { type: OpCode.multi, record: { txns } }
}

/** What an operation becomes within a multi; the caller takes changes back if it fails. */
export function prepareKeeperPart(
  opcode: number,
  request: KeeperRequest,
  prep: Preparation,
  maxTxnBytes: number,
): TxnBody[] | ErrorCode {
  switch (opcode) {
    case KeeperOp.createIfNotExists:
      return createIfNotExists(request as CreateArguments, prep)
    case KeeperOp.tryRemove:
      return tryRemove(request as PathAndNumber, prep)
    case KeeperOp.removeRecursive:
      return removeRecursive(request as PathAndNumber, prep, maxTxnBytes)
    case KeeperOp.checkNotExists:
      return checkNotExists(request as PathAndNumber, prep)
    case KeeperOp.checkStat:
      return checkStat(request as PathAndNumber, prep)
    default:
      return 'UNIMPLEMENTED'
  }
}

/** How many transactions of a multi behind this one belong to the same operation. */
export const removalsBehind = ({ type, record }: TxnBody): number =>
  type === OpCode.check && record.path === REMOVALS ? record.version : 0

/** The path of a znode that a create found; null if it is no such thing. */
export const foundPath = (txn: TxnBody | undefined): string | null =>
  txn?.type === OpCode.check && txn.record.path.startsWith(FOUND) ? txn.record.path.slice(FOUND.length) : null

const check = (path: string, version = 0): TxnBody => ({ type: OpCode.check, record: { path, version } }) as TxnBody

function createIfNotExists(request: CreateArguments, prep: Preparation): TxnBody[] | ErrorCode {
  const record = prepareCreate(OpCode.create, request, prep)
  if (record === 'NODEEXISTS') return [check(FOUND + request.path)]
  return typeof record === 'string' ? record : [{ type: OpCode.create, record } as unknown as TxnBody]
}

/** Best effort: what cannot be removed for its version or its children stays. */
function tryRemove({ path, number: version }: PathAndNumber, prep: Preparation): TxnBody[] | ErrorCode {
  const record = prepareDelete({ path, version }, prep)
  if (record === 'NONODE' || record === 'BADVERSION' || record === 'NOTEMPTY') return [check(path ?? '/')]
  return typeof record === 'string' ? record : [{ type: OpCode.delete, record } as TxnBody]
}

/** All or nothing, children first; as many permissions are needed as to remove one by one. */
function removeRecursive(request: PathAndNumber, prep: Preparation, maxTxnBytes: number): TxnBody[] | ErrorCode {
  const { path, number } = request
  if (prep.sessionClosing) return 'SESSIONEXPIRED'
  if (path === null) return 'MARSHALLINGERROR'
  if (path === '/' || validatePath(path) !== null) return 'BADARGUMENTS'
  const paths = prep.changes.subtree(path, number >>> 0)
  if (paths === null) return 'NOTEMPTY'
  if (paths.reduce((bytes, each) => bytes + each.length + DELETE_BYTES, 0) > maxTxnBytes) return 'NOTEMPTY'
  const txns: TxnBody[] = [check(REMOVALS, paths.length)]
  for (const each of paths.reverse()) {
    const record = prepareDelete({ path: each, version: -1 }, prep)
    if (typeof record === 'string') return record
    txns.push({ type: OpCode.delete, record } as TxnBody)
  }
  return txns
}

function checkNotExists({ path, number: version }: PathAndNumber, prep: Preparation): TxnBody[] | ErrorCode {
  const code = prepareCheck({ path: path ?? '', version }, prep)
  if (code === 'NONODE' || code === 'BADVERSION') return [check(path ?? '/')]
  return typeof code === 'string' ? code : 'NODEEXISTS'
}

function checkStat({ path, number: version, stat }: PathAndNumber, prep: Preparation): TxnBody[] | ErrorCode {
  const record = prepareCheck({ path: path ?? '', version }, prep)
  if (typeof record === 'string') return record
  const node = prep.changes.get(record.path)
  const agrees = node !== undefined && stat !== null && isAsWanted(statOf(node), stat)
  return agrees ? [check(record.path)] : 'BADVERSION'
}

/** As DataNode.copyStat would tell it. */
function statOf(node: ChangeRecord): Stat {
  const { czxid, mzxid, ctime, mtime, version, aversion, dataLength, pzxid, childCount } = node
  const cversion = node.cversion * 2 - childCount
  const ephemeralOwner = node.kind === NodeKind.EPHEMERAL ? node.ephemeralOwner : 0n
  const rest = { czxid, mzxid, ctime, mtime, version, aversion, dataLength, pzxid }
  return { ...rest, cversion, ephemeralOwner, numChildren: childCount }
}
