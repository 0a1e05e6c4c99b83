import { AclList, Writer } from '@vivarium/protocol'
import type { AclTable } from './acl-table.ts'
import { putInt } from './big-endian.ts'
import { copyRange } from './copy-range.ts'
import { ACL_ID, DATA_LENGTH, NAME, NAME_LENGTH_MASK, NONE, PARENT } from './rows.ts'
import type { SharedTreeReader } from './shared-tree.ts'
import { ROOT } from './znode-store.ts'

const SLASH = 0x2f
/** Bytes of a znode's record beside its path and data: two lengths, the ACL id and the StatPersisted. */
const FIXED_BYTES = 4 + 4 + 8 + 60
/** Stands for no row where NONE is the root's parent. */
const UNKNOWN = -2

/**
 * The sections of a snapshot before the znodes, which have to be taken on the thread of the tree when the snapshot
 * begins: the sessions first, then the access control lists (SnapshotWriter does the rest).
 *
 * @param sessions each with its timeout in milliseconds
 */
export function snapshotPrelude(sessions: ReadonlyMap<bigint, number>, acls: AclTable): Uint8Array {
  const writer = new Writer(1024)
  writer.int(sessions.size)
  for (const [sessionId, timeOut] of sessions) {
    writer.long(sessionId)
    writer.int(timeOut)
  }
  const entries = acls.entries()
  writer.int(entries.length)
  for (const [id, acl] of entries) {
    writer.zxid(id)
    AclList.write(writer, acl)
  }
  return writer.bytes.subarray(0, writer.length)
}

/**
 * Writes the body of a snapshot in pieces: sessions, ACLs, znodes and the terminator (FileSnap.serialize,
 * DataTree.serialize), without the file's header, seals and digest.
 *
 * The znodes come in the order of their rows, except that a parent always comes before its children; each is as it was
 * at some moment since the snapshot began. Those created since are left out. Replaying the transactions after the
 * snapshot's zxid makes a loaded tree equal to the one written.
 *
 * @example
 * const tree = treeOfThisThread.beginSnapshot()
 * const writer = new SnapshotWriter(snapshotPrelude(sessions, acls), new SharedTreeReader(tree, () => []))
 * for (let count = writer.next(piece); count > 0; count = writer.next(piece)) write(piece, count)
 * treeOfThisThread.endSnapshot(tree)
 */
export class SnapshotWriter {
  readonly #reader: SharedTreeReader
  /** One bit for each row that is written. */
  readonly #written: Int32Array
  #nextRow: number
  #finished: boolean
  /** Rows to write before the scan goes on: the last one first, each the parent of the one before. */
  #waiting: Int32Array
  #waitingCount: number
  /** The row that the reader has open, as it was a moment ago. */
  #opened: number
  /** What did not fit the last piece. */
  #rest: Uint8Array
  #restAt: number
  #restEnd: number
  /** A record that does not fit is put together here. */
  #record: Uint8Array

  // The path of the row written last, and how much of it is its parent's.
  #path: Uint8Array
  #last: number
  #lastLength: number
  #lastParent: number
  #parentLength: number
  #ancestors: Int32Array

  constructor(prelude: Uint8Array, reader: SharedTreeReader) {
    this.#reader = reader
    this.#written = new Int32Array((reader.rowCount >>> 5) + 1)
    this.#nextRow = 0
    this.#finished = false
    this.#waiting = new Int32Array(64)
    this.#waitingCount = 0
    this.#opened = UNKNOWN
    this.#rest = prelude
    this.#restAt = 0
    this.#restEnd = prelude.length
    this.#record = new Uint8Array(4096)
    this.#path = new Uint8Array(1024)
    this.#last = UNKNOWN
    this.#lastLength = 0
    this.#lastParent = UNKNOWN
    this.#parentLength = 0
    this.#ancestors = new Int32Array(64)
  }

  /** Writes the next bytes to the front of `target`, which must not be empty, and returns how many: 0 at the end. */
  next(target: Uint8Array): number {
    let at = 0
    for (;;) {
      const count = Math.min(this.#restEnd - this.#restAt, target.length - at)
      copyRange(this.#rest, this.#restAt, target, at, count)
      this.#restAt += count
      at += count
      if (this.#restAt < this.#restEnd || this.#finished) return at
      const row = this.#takeRow()
      if (row === NONE) this.#finish()
      else at += this.#write(row, target, at)
    }
  }

  #finish(): void {
    this.#finished = true
    this.#rest = new Uint8Array([0, 0, 0, 1, SLASH])
    this.#restAt = 0
    this.#restEnd = this.#rest.length
  }

  /** The next row to write, whose parent is written; NONE when there is no more. */
  #takeRow(): number {
    while (this.#waitingCount === 0) {
      if (this.#nextRow >= this.#reader.rowCount) return NONE
      this.#await(this.#nextRow)
      this.#nextRow += 1
    }
    this.#waitingCount -= 1
    return this.#waiting[this.#waitingCount]!
  }

  /** Puts a row and those of its ancestors that are not written on the list, or none: the dead have dead children. */
  #await(row: number): void {
    for (let at = row; at !== NONE && !this.#isWritten(at); at = this.#reader.row[PARENT]!) {
      if (!this.#open(at)) {
        this.#waitingCount = 0
        return
      }
      if (this.#waitingCount === this.#waiting.length) this.#waiting = doubled(this.#waiting)
      this.#waiting[this.#waitingCount] = at
      this.#waitingCount += 1
    }
  }

  /** Writes a row's record to `target` if it fits there, or else to be continued from; returns the bytes written. */
  #write(row: number, target: Uint8Array, at: number): number {
    const reader = this.#reader
    for (;;) {
      if (!this.#open(row) || !this.#enter(reader.row[PARENT]!)) return this.#giveUp()
      // Its ancestors may have been looked at meanwhile.
      if (!this.#open(row)) return this.#giveUp()
      this.#last = UNKNOWN // Its path is about to be overwritten.
      const nameLength = reader.row[NAME]! & NAME_LENGTH_MASK
      const dataLength = reader.row[DATA_LENGTH]!
      const pathLength = row === ROOT ? 0 : this.#parentLength + 1 + nameLength
      const size = FIXED_BYTES + pathLength + Math.max(dataLength, 0)
      const fits = size <= target.length - at
      if (!fits && size > this.#record.length) this.#record = new Uint8Array(size * 2)
      const record = fits ? target : this.#record
      const from = fits ? at : 0
      putInt(record, from, pathLength)
      this.#reservePath(pathLength)
      if (row !== ROOT) this.#path[this.#parentLength] = SLASH
      reader.copyBlock(0, nameLength, this.#path, this.#parentLength + 1)
      copyRange(this.#path, 0, record, from + 4, pathLength)
      putInt(record, from + 4 + pathLength, dataLength)
      const dataAt = from + 8 + pathLength
      reader.copyBlock(nameLength, Math.max(dataLength, 0), record, dataAt)
      const aclAt = dataAt + Math.max(dataLength, 0)
      const aclId = reader.row[ACL_ID]!
      putInt(record, aclAt, aclId < 0 ? -1 : 0)
      putInt(record, aclAt + 4, aclId)
      reader.writeStat(record, aclAt + 8)
      this.#opened = UNKNOWN
      if (!reader.unchanged()) continue
      this.#last = row
      this.#lastLength = pathLength
      this.#written[row >>> 5]! |= 1 << (row & 31)
      if (fits) return size
      this.#rest = record
      this.#restAt = 0
      this.#restEnd = size
      return 0
    }
  }

  /** A row or one of its ancestors is gone, so all that wait for it are. */
  #giveUp(): number {
    this.#waitingCount = 0
    return 0
  }

  /** Makes {@link #path} start with the path of `parent`. False if one of its ancestors is gone. */
  #enter(parent: number): boolean {
    if (parent === this.#lastParent) return true
    if (parent === this.#last) this.#parentLength = this.#lastLength
    else {
      this.#lastParent = UNKNOWN
      this.#last = UNKNOWN
      if (parent !== NONE && !this.#buildPath(parent)) return false
    }
    this.#lastParent = parent
    return true
  }

  /** Has the reader open this row. False if it holds no znode of the snapshot. */
  #open(row: number): boolean {
    if (this.#opened === row) return true
    const found = this.#reader.open(row)
    this.#opened = found ? row : UNKNOWN
    return found
  }

  #buildPath(row: number): boolean {
    const reader = this.#reader
    let count = 0
    for (let at = row; at !== ROOT; at = reader.row[PARENT]!) {
      if (!this.#open(at)) return false
      if (count === this.#ancestors.length) this.#ancestors = doubled(this.#ancestors)
      this.#ancestors[count] = at
      count += 1
    }
    let length = 0
    while (count > 0) {
      const at = this.#ancestors[count - 1]!
      if (!this.#open(at)) return false
      const nameLength = reader.row[NAME]! & NAME_LENGTH_MASK
      this.#reservePath(length + 1 + nameLength)
      this.#path[length] = SLASH
      reader.copyBlock(0, nameLength, this.#path, length + 1)
      this.#opened = UNKNOWN
      if (!reader.unchanged()) continue
      length += 1 + nameLength
      count -= 1
    }
    this.#parentLength = length
    return true
  }

  #reservePath(length: number): void {
    if (length <= this.#path.length) return
    const larger = new Uint8Array(length * 2)
    larger.set(this.#path)
    this.#path = larger
  }

  #isWritten(row: number): boolean {
    return ((this.#written[row >>> 5]! >>> (row & 31)) & 1) === 1
  }
}

function doubled(list: Int32Array): Int32Array {
  const larger = new Int32Array(list.length * 2)
  larger.set(list)
  return larger
}
