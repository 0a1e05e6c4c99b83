import { JuteError } from './jute/jute-error.ts'
import { Reader } from './jute/reader.ts'
import type { RecordCodec } from './jute/record.ts'
import type { Writer } from './jute/writer.ts'
import { OpCode, opcodeName } from './operations.ts'
import {
  CheckVersionTxn,
  CloseSessionTxn,
  CreateContainerTxn,
  CreateSessionTxn,
  CreateTTLTxn,
  CreateTxn,
  CreateTxnV0,
  DeleteTxn,
  ErrorTxn,
  SetACLTxn,
  SetDataTxn,
  SubTxn,
  TxnDigest,
} from './records/txn.ts'

/** A multi: its operations, decoded, in order. One that failed consists of errors. */
export interface MultiTxn {
  readonly txns: readonly TxnBody[]
}

interface Body<T extends number, R> {
  readonly type: T
  readonly record: R
}

type TypeOf<N extends keyof typeof OpCode> = (typeof OpCode)[N]

/** What a transaction does: `type` is an opcode, and says what `record` is. */
export type TxnBody =
  | Body<TypeOf<'create' | 'create2'>, CreateTxn>
  | Body<TypeOf<'createTTL'>, CreateTTLTxn>
  | Body<TypeOf<'createContainer'>, CreateContainerTxn>
  | Body<TypeOf<'delete' | 'deleteContainer'>, DeleteTxn>
  | Body<TypeOf<'setData' | 'reconfig'>, SetDataTxn>
  | Body<TypeOf<'setACL'>, SetACLTxn>
  | Body<TypeOf<'check'>, CheckVersionTxn>
  | Body<TypeOf<'multi'>, MultiTxn>
  | Body<TypeOf<'createSession'>, CreateSessionTxn>
  | Body<TypeOf<'closeSession'>, CloseSessionTxn | null>
  | Body<TypeOf<'error'>, ErrorTxn>

/** The record of some transaction. */
export type TxnRecord = NonNullable<TxnBody['record']>

/** A transaction as it stands in proposals and in the log: TxnHeader, the record that `type` calls for, TxnDigest. */
export interface Txn {
  /** The session that asked for it. */
  readonly clientId: bigint
  /** The xid of the request in that session. */
  readonly cxid: number
  readonly zxid: number
  /** The leader's clock, in milliseconds since 1970. */
  readonly time: number
  /** An opcode. */
  readonly type: number
  /** What it does; see {@link TxnBody}. Null for a closeSession as servers before 3.6 wrote it. */
  readonly record: TxnRecord | null
  /** The digest of the tree after it; null where the writer keeps none. */
  readonly digest: TxnDigest | null
}

/**
 * Writes a transaction as SerializeUtils.serializeRequest does.
 *
 * @throws {JuteError} for a type that no transaction has
 */
export function writeTxn(writer: Writer, txn: Txn): void {
  writer.long(txn.clientId)
  writer.int(txn.cxid)
  writer.zxid(txn.zxid)
  writer.millis(txn.time)
  writer.int(txn.type)
  if (txn.type === OpCode.multi) writeMulti(writer, txn.record as MultiTxn)
  else if (txn.record !== null) codecOf(txn.type).write(writer, txn.record)
  if (txn.digest !== null) TxnDigest.write(writer, txn.digest)
}

/**
 * Reads the transaction that takes up the rest of `reader` (SerializeUtils.deserializeTxn). Its optional parts are told
 * by the bytes running out: a CreateTxnV0 lacks `parentCVersion` (which is −1 then), a closeSession may have no record,
 * and any transaction may have no digest. Data are views of the reader's bytes.
 *
 * @throws {JuteError} for bytes that are no transaction
 */
export function readTxn(reader: Reader): Txn {
  const clientId = reader.long()
  const cxid = reader.int()
  const zxid = reader.zxid()
  const time = reader.millis()
  const type = reader.int()
  const record = readRecord(reader, type)
  const digest = reader.remaining >= DIGEST_BYTES ? TxnDigest.read(reader) : null
  return { clientId, cxid, zxid, time, type, record, digest }
}

const DIGEST_BYTES = 12
const DIGEST_VERSION = 2

function readRecord(reader: Reader, type: number): TxnRecord | null {
  switch (type) {
    case OpCode.create:
      return readCreate(reader)
    case OpCode.closeSession:
      return readCloseSession(reader)
    case OpCode.multi:
      return readMulti(reader)
    case OpCode.check:
      throw new JuteError('a check stands outside of a multi')
    default:
      return codecOf(type).read(reader)
  }
}

function readCreate(reader: Reader): CreateTxn {
  const start = reader.offset
  try {
    return CreateTxn.read(reader)
  } catch (error) {
    if (!isTruncation(error)) throw error
    reader.offset = start
    return { ...CreateTxnV0.read(reader), parentCVersion: -1 }
  }
}

function readCloseSession(reader: Reader): CloseSessionTxn | null {
  const start = reader.offset
  // Servers with `zookeeper.closeSessionTxn.enabled=false` write a digest and no record. Java tells them apart by that
  // setting alone; taken as a record, the digest would be two paths, both empty or null.
  if (reader.remaining === DIGEST_BYTES && reader.int() === DIGEST_VERSION) {
    reader.offset = start
    return null
  }
  reader.offset = start
  try {
    return CloseSessionTxn.read(reader)
  } catch (error) {
    if (!isTruncation(error)) throw error
    reader.offset = reader.end
    return null
  }
}

function readMulti(reader: Reader): MultiTxn {
  const txns = reader.vector(readSubTxn)
  if (txns === null) throw new JuteError('a multi has no list of operations')
  return { txns }
}

function readSubTxn(reader: Reader): TxnBody {
  const { type, data } = SubTxn.read(reader)
  if (data === null) throw new JuteError('an operation of a multi has no record')
  if (!isSubTxn(type)) throw new JuteError(`${opcodeName(type)} stands in a multi`)
  return { type, record: codecOf(type).read(new Reader(data, 0, data.length, reader.maxField)) } as TxnBody
}

function writeMulti(writer: Writer, multi: MultiTxn): void {
  writer.int(multi.txns.length)
  for (const { type, record } of multi.txns) {
    if (!isSubTxn(type)) throw new JuteError(`${opcodeName(type)} stands in a multi`)
    writer.int(type)
    const start = writer.length
    writer.int(0)
    codecOf(type).write(writer, record as TxnRecord)
    const end = writer.length
    writer.length = start
    writer.int(end - start - 4)
    writer.length = end
  }
}

/** The types that DataTree.processTxn knows inside of a multi. */
function isSubTxn(type: number): boolean {
  switch (type) {
    case OpCode.create:
    case OpCode.create2:
    case OpCode.createTTL:
    case OpCode.createContainer:
    case OpCode.delete:
    case OpCode.deleteContainer:
    case OpCode.setData:
    case OpCode.check:
    case OpCode.error:
      return true
    default:
      return false
  }
}

function codecOf(type: number): RecordCodec<TxnRecord> {
  switch (type) {
    case OpCode.create:
    case OpCode.create2:
      return CreateTxn
    case OpCode.createTTL:
      return CreateTTLTxn
    case OpCode.createContainer:
      return CreateContainerTxn
    case OpCode.delete:
    case OpCode.deleteContainer:
      return DeleteTxn
    case OpCode.setData:
    case OpCode.reconfig:
      return SetDataTxn
    case OpCode.setACL:
      return SetACLTxn
    case OpCode.check:
      return CheckVersionTxn
    case OpCode.createSession:
      return CreateSessionTxn
    case OpCode.closeSession:
      return CloseSessionTxn
    case OpCode.error:
      return ErrorTxn
    default:
      throw new JuteError(`${opcodeName(type)} is no transaction`)
  }
}

function isTruncation(error: unknown): boolean {
  return error instanceof JuteError && error.truncated
}
