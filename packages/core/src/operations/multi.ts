import {
  type ACL,
  CheckVersionRequest,
  CreateMode,
  DeleteRequest,
  type ErrorCode,
  encodeUtf8,
  errno,
  JuteError,
  type MultiTxn,
  OpCode,
  type Reader,
  readUtf8,
  type TxnBody,
} from '@vivarium/protocol'
import { isKeeperPart, type KeeperRequest, prepareKeeperPart, readKeeperRequest } from '../keeper/keeper-writes.ts'
import type { Preparation } from '../pipeline/preparation.ts'
import { prepareCheck } from './check.ts'
import { prepareCreate } from './create.ts'
import { prepareDelete } from './delete.ts'
import { type CreateArguments, readCreate, readCreateTTL, readSetData, type SetDataArguments } from './requests.ts'
import { prepareSetData } from './set-data.ts'
import type { CreateRecord } from './types.ts'

/** What is wrong with a multi is found out before it would get a zxid. */
export class UnnumberedError extends JuteError {}

/** One operation of a multi, as it was asked for: the type, normalised, says what the request is. */
interface SubRequest {
  readonly type: number
  readonly request:
    | CreateArguments
    | SetDataArguments
    | KeeperRequest
    | { readonly path: string; readonly version: number }
}

/**
 * Reads a whole multi. Throws {@link JuteError} for what Java refuses as a whole (MultiOperationRecord.deserialize).
 *
 * @param keeper whether ClickHouse Keeper's operations may be in it
 */
export function readMulti(body: Reader, keeper: boolean): SubRequest[] {
  const requests: SubRequest[] = []
  for (;;) {
    const type = body.int()
    const done = body.bool()
    body.int()
    if (done) return requests
    if (keeper && isKeeperPart(type)) requests.push({ type, request: readKeeperRequest(type, body) })
    else requests.push(readSubRequest(type, body))
  }
}

function readSubRequest(type: number, body: Reader): SubRequest {
  switch (type) {
    case OpCode.create:
    case OpCode.create2:
    case OpCode.createContainer: {
      const request = readCreate(body)
      const mode = CreateMode.fromFlags(request.flags)
      if (mode === undefined) throw new JuteError(`${request.flags} is no create mode`)
      // CreateOptions insists on a list first, and has no place for a ttl here.
      if (request.acl === null) throw new UnnumberedError('a list is null')
      if (mode.isTTL) throw new JuteError('a ttl is missing')
      if (request.path === null) throw new JuteError('a path is null')
      return { type: mode.isContainer ? OpCode.createContainer : type, request }
    }
    case OpCode.createTTL: {
      const request = readCreateTTL(body)
      if (request.path === null) throw new JuteError('a path is null')
      const mode = CreateMode.fromFlags(request.flags)
      if (mode?.isTTL) return { type, request }
      // Without a TTL flag it is a plain create, and its ttl is forgotten. Flags that mean nothing fail later.
      return { type: mode?.isContainer ? OpCode.createContainer : OpCode.create, request: { ...request, ttl: -1 } }
    }
    case OpCode.delete:
      return { type, request: DeleteRequest.read(body) }
    case OpCode.setData:
      return { type, request: readSetData(body) }
    case OpCode.check:
      return { type, request: CheckVersionRequest.read(body) }
    default:
      throw new JuteError(`operation ${type} cannot be part of a multi`)
  }
}

/**
 * Prepares all operations in order, each seeing what those before it did. The first that fails takes all changes back;
 * it keeps its error, and those after it get RUNTIMEINCONSISTENCY. The ones before stay in the transaction as they are:
 * applying it skips them (PrepRequestProcessor, case OpCode.multi).
 */
export function prepareMulti(
  requests: readonly SubRequest[],
  prep: Preparation,
  maxTxnBytes: number,
): MultiTxn | ErrorCode {
  const txns: TxnBody[] = []
  let failed = false
  prep.changes.begin()
  for (let i = 0; i < requests.length; i++) {
    const { type, request } = requests[i]!
    const record = failed ? 'RUNTIMEINCONSISTENCY' : prepareSub(type, request, prep, maxTxnBytes)
    if (Array.isArray(record)) {
      for (const txn of record as TxnBody[]) txns.push(txn)
      continue
    }
    if (typeof record !== 'string') {
      txns.push({ type, record } as TxnBody)
      continue
    }
    if (!failed) prep.changes.rollback()
    failed = true
    // Java finds out about this by an exception, which is the end of the whole request.
    if (record === 'MARSHALLINGERROR') return record
    txns.push({ type: OpCode.error, record: { err: errno(record) } })
  }
  if (!failed) prep.changes.commit()
  return { txns }
}

function prepareSub(
  type: number,
  request: SubRequest['request'],
  prep: Preparation,
  maxTxnBytes: number,
): object | ErrorCode {
  if (isKeeperPart(type)) return prepareKeeperPart(type, request as KeeperRequest, prep, maxTxnBytes)
  switch (type) {
    case OpCode.delete:
      return prepareDelete(request as DeleteRequest, prep)
    case OpCode.setData:
      return prepareSetData(request as SetDataArguments, prep)
    case OpCode.check:
      return prepareCheck(request as CheckVersionRequest, prep)
    default: {
      const record = prepareCreate(type, request as CreateArguments, prep)
      return typeof record === 'string' ? record : withListAsLogged(record, prep)
    }
  }
}

const SURROGATE = /[\ud800-\udfff]/

/**
 * In ids of a list, the log makes two U+FFFD of a supplementary character: it is written as surrogates, which are malformed
 * when they are read. A create of its own is applied as it was asked for and loses the character at the next start; Java
 * applies a multi as it stands in the log, so there it is lost at once (PrepRequestProcessor serializes each MultiTxn).
 */
function withListAsLogged(record: CreateRecord, prep: Preparation): CreateRecord {
  if (!record.acl.some(({ id }) => id.id !== null && SURROGATE.test(id.id))) return record
  const acl = record.acl.map(({ perms, id }): ACL => {
    const bytes = encodeUtf8(id.id ?? '')
    return { perms, id: { scheme: id.scheme, id: readUtf8(bytes, 0, bytes.length) } }
  })
  const created = prep.changes.get(record.path)
  if (created !== undefined) created.acl = acl
  return { ...record, acl }
}
