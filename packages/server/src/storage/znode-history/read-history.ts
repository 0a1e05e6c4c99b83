import type { Disk } from '@vivarium/env'
import {
  type ACL,
  OPEN_ACL_UNSAFE,
  OpCode,
  opcodeName,
  Reader,
  readTxn,
  type Txn,
  type TxnBody,
} from '@vivarium/protocol'
import { listLogs } from '../log-reader.ts'
import { LogScanner } from '../tools/scan-log.ts'

/** One thing that a transaction did to a znode. */
export interface HistoryEntry {
  readonly zxid: number
  /** The leader's clock, milliseconds since 1970. */
  readonly timeMs: number
  readonly session: bigint
  readonly operation: string
  /** Of the data or, for setACL, of the ACL; null where the operation has none. */
  readonly version: number | null
  /** Null where the operation has none, or where there is too much to keep. */
  readonly data: Uint8Array | null
  /** The access control list that it has from then on; null where the operation sets none. */
  readonly acl: readonly ACL[] | null
}

export interface ZnodeHistory {
  /** The newest first. */
  readonly entries: readonly HistoryEntry[]
  /** Whether all logs were read that there are. */
  readonly complete: boolean
  /** The transaction with which the oldest log begins that was read; null without a log. */
  readonly fromZxid: number | null
}

export interface HistoryLimits {
  readonly mostEntries: number
  /** Logs are read from the newest back, until they are so many bytes. */
  readonly mostLogBytes: number
  /** Data of all entries together. */
  readonly mostDataBytes: number
}

/**
 * What became of a znode, as the transaction logs have it. It reads whole files and takes as long as that takes: it is meant
 * for a thread of its own. What is damaged in a log is passed over.
 */
export async function readHistory(
  disk: Disk,
  directory: string,
  path: string,
  { mostEntries, mostLogBytes, mostDataBytes }: HistoryLimits,
): Promise<ZnodeHistory> {
  const logs = (await listLogs(disk, directory)).reverse()
  const entries: HistoryEntry[] = []
  let logBytes = 0
  let dataBytes = 0
  let fromZxid: number | null = null
  for (const log of logs) {
    logBytes += (await disk.stat(log.path))?.size ?? 0
    // The newest is read whatever its size.
    if (fromZxid !== null && (logBytes > mostLogBytes || entries.length >= mostEntries)) {
      return { entries, complete: false, fromZxid }
    }
    fromZxid = log.zxid
    const found = await historyIn(disk, log.path, path, mostEntries)
    for (const entry of found.reverse()) {
      if (entries.length >= mostEntries) return { entries, complete: false, fromZxid }
      dataBytes += entry.data?.length ?? 0
      entries.push(dataBytes > mostDataBytes ? { ...entry, data: null } : entry)
    }
  }
  return { entries, complete: true, fromZxid }
}

/** Of one file, the last that there are, in their order. */
async function historyIn(disk: Disk, file: string, path: string, most: number): Promise<HistoryEntry[]> {
  const needle = Buffer.from(path)
  const entries: HistoryEntry[] = []
  for await (const batch of new LogScanner(disk, file).batches()) {
    for (const { bytes, start, end, checksumMatches } of batch) {
      // Most transactions are about other znodes: they are told by their bytes, and not taken apart.
      if (!checksumMatches || !has(bytes, start, end, needle)) continue
      entries.push(...entriesOf(bytes, start, end, path))
      if (entries.length > 2 * most) entries.splice(0, entries.length - most)
    }
  }
  return entries
}

const has = (bytes: Uint8Array, start: number, end: number, needle: Buffer): boolean =>
  Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).includes(needle)

function entriesOf(bytes: Uint8Array, start: number, end: number, path: string): HistoryEntry[] {
  try {
    // A copy, as the next batch takes the place of these bytes.
    const txn = readTxn(new Reader(bytes.slice(start, end)))
    return bodiesOf(txn).flatMap((body) => entryOf(txn, body, path) ?? [])
  } catch {
    return []
  }
}

function bodiesOf(txn: Txn): readonly TxnBody[] {
  const body = { type: txn.type, record: txn.record } as TxnBody
  return body.type === OpCode.multi ? body.record.txns : [body]
}

/** A list that is none leaves a znode open (ReferenceCountedACLCache.convertAcls). */
const aclOf = (acl: readonly (ACL | null)[] | null): readonly ACL[] =>
  acl === null ? OPEN_ACL_UNSAFE : acl.filter((entry) => entry !== null)

function entryOf({ zxid, time, clientId }: Txn, body: TxnBody, path: string): HistoryEntry | null {
  const nothing = { version: null, data: null, acl: null }
  const entry = { zxid, timeMs: time, session: clientId, operation: opcodeName(body.type), ...nothing }
  switch (body.type) {
    case OpCode.create:
    case OpCode.create2:
    case OpCode.createTTL:
    case OpCode.createContainer:
      if (body.record.path !== path) return null
      return { ...entry, operation: 'create', version: 0, data: body.record.data, acl: aclOf(body.record.acl) }
    case OpCode.setData:
    case OpCode.reconfig:
      return body.record.path === path ? { ...entry, version: body.record.version, data: body.record.data } : null
    case OpCode.setACL:
      if (body.record.path !== path) return null
      return { ...entry, version: body.record.version, acl: aclOf(body.record.acl) }
    case OpCode.delete:
    case OpCode.deleteContainer:
      return body.record.path === path ? { ...entry, operation: 'delete' } : null
    case OpCode.closeSession:
      return body.record?.paths2Delete?.includes(path) ? { ...entry, operation: 'delete, with its session' } : null
    default:
      return null
  }
}
