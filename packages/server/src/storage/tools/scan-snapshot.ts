import { basename, dirname } from 'node:path'
import type { Disk } from '@vivarium/env'
import { ADLER32_EMPTY, adler32 } from '../adler32.ts'
import { readUint32 } from '../log-format.ts'
import {
  headerChecksum,
  parseSnapshotName,
  readTrailer,
  SNAPSHOT_HEADER_BYTES,
  SNAPSHOT_MAGIC,
  type SnapshotFile,
  type SnapshotTrailer,
} from '../snapshot-format.ts'
import { contentsOf } from '../snapshot-reader.ts'
import { SnapshotItems, type SnapshotNode } from './snapshot-items.ts'

/** More than any snapshot has after its znodes. */
const TRAILER_LIMIT = 128

/** The snapshot that a path names; null if its name is none of a snapshot. */
export function snapshotAt(path: string): SnapshotFile | null {
  return parseSnapshotName(dirname(path), basename(path))
}

/**
 * Reads a snapshot znode by znode, in the order of the file, in batches: parents come before their children. Checksums
 * are compared on the way, so that what is wrong shows only at the end: `damage` says what.
 */
export class SnapshotScanner {
  readonly file: SnapshotFile
  /** What is wrong with the file, once all batches have been read; null if nothing is. */
  damage: string | null = null
  /** Digest and last zxid, once all batches have been read and if nothing is wrong. */
  trailer: SnapshotTrailer | null = null
  readonly #disk: Disk
  readonly #items = new SnapshotItems()

  constructor(disk: Disk, file: SnapshotFile) {
    this.#disk = disk
    this.file = file
  }

  /** Timeouts in milliseconds, by session id; known once the first znode is there. */
  get sessions(): ReadonlyMap<bigint, number> {
    return this.#items.sessions
  }

  async *batches(): AsyncGenerator<readonly SnapshotNode[], void, undefined> {
    const items = this.#items
    let head: Uint8Array = new Uint8Array(0)
    let tail: Uint8Array = new Uint8Array(0)
    let checksum = ADLER32_EMPTY
    let begun = false
    try {
      for await (const chunk of contentsOf(this.#disk, this.file)) {
        let bytes = chunk
        if (!begun) {
          head = Buffer.concat([head, chunk])
          if (head.length < SNAPSHOT_HEADER_BYTES) continue
          if (readUint32(head, 0) !== SNAPSHOT_MAGIC) return this.#damaged('the header is not that of a snapshot')
          begun = true
          checksum = headerChecksum(head)
          bytes = head.subarray(SNAPSHOT_HEADER_BYTES)
        }
        if (!items.done) {
          const nodes: SnapshotNode[] = []
          const taken = items.feed(bytes, nodes)
          checksum = adler32(checksum, bytes, 0, taken)
          if (nodes.length > 0) yield nodes
          if (items.error !== null) return this.#damaged(items.error)
          bytes = bytes.subarray(taken)
        }
        if (items.done && bytes.length > 0) tail = Buffer.concat([tail, bytes])
        if (tail.length > TRAILER_LIMIT) return this.#damaged('more follows the znodes than a snapshot has')
      }
    } catch (error) {
      return this.#damaged((error as Error).message)
    }
    if (!items.done) return this.#damaged('it is cut off')
    const trailer = readTrailer(tail, checksum)
    if (typeof trailer === 'string') return this.#damaged(trailer)
    this.trailer = trailer
  }

  #damaged(reason: string): void {
    this.damage = reason
  }
}
