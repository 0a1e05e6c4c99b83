import type { MemoryDisk } from '@vivarium/env/memory'
import { Reader, readTxn, type Txn } from '@vivarium/protocol'
import { DATA_DIRECTORY } from '../world/server-host.ts'

const HEADER_BYTES = 16
const PREFIX_BYTES = 12
const RECORD_END = 0x42

/**
 * All transactions in the log files of a disk, in zxid order. It reads only what is whole, and does not judge the rest:
 * the server has to.
 */
export function readTransactionLog(disk: MemoryDisk, names: readonly string[]): Txn[] {
  const byZxid = new Map<number, Txn>()
  const logs = names
    .filter((name) => name.startsWith('log.'))
    .sort((a, b) => Number.parseInt(a.slice(4), 16) - Number.parseInt(b.slice(4), 16))
  for (const name of logs) {
    for (const txn of readFile(disk.contents(`${DATA_DIRECTORY}/${name}`))) byZxid.set(txn.zxid, txn)
  }
  return [...byZxid.values()].sort((a, b) => a.zxid - b.zxid)
}

function readFile(bytes: Uint8Array): Txn[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const txns: Txn[] = []
  for (let at = HEADER_BYTES; at + PREFIX_BYTES < bytes.length; ) {
    const length = view.getUint32(at + 8)
    const start = at + PREFIX_BYTES
    const end = start + length
    if (length === 0 || end >= bytes.length || bytes[end] !== RECORD_END) break
    // The last byte is a mark of the server's own.
    txns.push(readTxn(new Reader(bytes, start, end - 1)))
    at = end + 1
  }
  return txns
}
