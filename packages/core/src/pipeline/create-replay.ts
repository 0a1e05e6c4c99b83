import { type ACL, AclList, OpCode, Reader } from '@vivarium/protocol'
import { getInt } from '../tree/big-endian.ts'
import { DIGEST_VERSION, isUndigested } from '../tree/index.ts'
import { sameBytes } from '../tree/same-bytes.ts'
import { finishTxn } from './apply.ts'
import type { Database } from './database.ts'

// Where the fields of a TxnHeader start, and how long it is.
const TIME_AT = 20
const TYPE_AT = 28
const HEADER_BYTES = 32
/** What stands behind the list of a CreateTxn: whether it is ephemeral, and the parent's cversion. */
const TAIL_BYTES = 5
const DIGEST_BYTES = 12

/**
 * Replays creations of a log where their bytes stand, without the strings and objects that `readTxn` makes of them. A log
 * has more of these than of all else after a bulk load, which is when a start takes long.
 *
 * It takes most: of lasting znodes with paths in ASCII, not below /zookeeper, while there are neither quotas nor watches.
 */
export class CreateReplay {
  readonly #database: Database
  readonly #reader = new Reader(new Uint8Array(0), 0, 0, 2 ** 31 - 1)
  readonly #digest = { high: 0, low: 0 }
  /** The list of the last creation, as it stands in the log and as it is: it is almost always the same. */
  #aclBytes = new Uint8Array(0)
  #acl: readonly ACL[] | null = null

  constructor(database: Database) {
    this.#database = database
  }

  /** Applies the transaction in `bytes[start, end)`. False: it is none of these, and nothing was done. */
  apply(bytes: Uint8Array, start: number, end: number, zxid: number): boolean {
    const database = this.#database
    if (database.quotas.size > 0 || database.watches.size > 0 || end - start < HEADER_BYTES + 12) return false
    const type = getInt(bytes, start + TYPE_AT)
    if (type !== OpCode.create && type !== OpCode.create2) return false
    const path = start + HEADER_BYTES + 4
    const pathLength = getInt(bytes, path - 4)
    if (pathLength <= 0 || pathLength > end - path - 8) return false
    const pathEnd = path + pathLength
    if (!isPlain(bytes, path, pathEnd)) return false
    const data = pathEnd + 4
    const dataLength = getInt(bytes, pathEnd)
    if (dataLength < -1 || dataLength > end - data - 4) return false
    const acl = data + Math.max(dataLength, 0)
    const tail = endOfAcl(bytes, acl, end)
    if (tail === -1 || bytes[tail] !== 0) return false
    const left = end - tail - TAIL_BYTES
    const digest = tail + TAIL_BYTES
    if (left !== 0 && (left !== DIGEST_BYTES || getInt(bytes, digest) !== DIGEST_VERSION)) return false

    const time = start + TIME_AT
    const timeMs = getInt(bytes, time) * 0x1_0000_0000 + (getInt(bytes, time + 4) >>> 0)
    const aclId = database.internAcl(this.#listAt(bytes, acl, tail))
    const content = dataLength === -1 ? null : bytes.subarray(data, acl)
    const { tree, traffic } = database
    const parentCversion = getInt(bytes, tail + 1)
    const node = tree.createNodeAt(bytes, path, pathEnd, content, aclId, 0n, parentCversion, zxid, timeMs)
    if (node >= 0) traffic?.wroteAt(bytes, path, pathEnd, Math.max(dataLength, 0))
    if (left === 0) finishTxn(database, zxid, null)
    else {
      this.#digest.high = getInt(bytes, digest + 4) >>> 0
      this.#digest.low = getInt(bytes, digest + 8) >>> 0
      finishTxn(database, zxid, this.#digest)
    }
    return true
  }

  #listAt(bytes: Uint8Array, start: number, end: number): readonly ACL[] | null {
    if (!sameBytes(this.#aclBytes, bytes, start, end)) {
      this.#reader.reset(bytes, start, end)
      this.#acl = AclList.read(this.#reader)
      this.#aclBytes = bytes.slice(start, end)
    }
    return this.#acl
  }
}

/** Whether a path is in ASCII and not below /zookeeper, where quotas are. */
function isPlain(bytes: Uint8Array, start: number, end: number): boolean {
  let bits = 0
  for (let at = start; at < end; at++) bits |= bytes[at]!
  return bits < 0x80 && !isUndigested(bytes, start, end)
}

/** Where a list of permissions ends that starts at `at`, with at least {@link TAIL_BYTES} behind it; -1 if there is none. */
function endOfAcl(bytes: Uint8Array, at: number, end: number): number {
  const count = getInt(bytes, at)
  at += 4
  for (let i = 0; i < count; i++) {
    at += 4 // The permissions.
    for (let part = 0; part < 2; part++) {
      if (at + 4 > end) return -1
      const length = getInt(bytes, at)
      if (length < -1 || length > end - at - 4) return -1
      at += 4 + Math.max(length, 0)
    }
  }
  return at + TAIL_BYTES <= end ? at : -1
}
