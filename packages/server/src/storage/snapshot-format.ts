import { join } from 'node:path'
import { ADLER32_EMPTY, adler32 } from './adler32.ts'
import { hexZxid, parseHexZxid, readUint32, writeUint32 } from './log-format.ts'

/**
 * A snapshot as Java's `FileSnap` lays it out:
 *
 *     header:   int "ZKSN", int 2, long -1
 *     body:     sessions, access control lists, znodes, string "/"   (core's SnapshotWriter and SnapshotReader)
 *     seal:     long adler32 of all bytes so far, string "/"
 *     digest:   long zxid, int version, long digest                  if `digest.enabled`, and a seal
 *     the end:  long lastProcessedZxid                               if `serializeLastProcessedZxid.enabled`, and a seal
 *
 * Checksums are over the bytes before compression, and cumulative: a seal covers the seals before it.
 */
export const SNAPSHOT_MAGIC = 0x5a4b_534e
export const SNAPSHOT_VERSION = 2
export const SNAPSHOT_HEADER_BYTES = 16
export const SEAL_BYTES = 13
export const DIGEST_SECTION_BYTES = 20 + SEAL_BYTES
export const LAST_ZXID_SECTION_BYTES = 8 + SEAL_BYTES

/** `snapshot.compression.method`; Java's name for `none` is the empty string. */
export type Compression = 'none' | 'gz' | 'snappy'

const EXTENSIONS: Record<Compression, string> = { none: '', gz: '.gz', snappy: '.snappy' }

/** The name of the snapshot that was begun at `zxid`. */
export function snapshotName(zxid: number, compression: Compression): string {
  return `snapshot.${hexZxid(zxid)}${EXTENSIONS[compression]}`
}

/** The name it has until it is complete; Java takes no notice of such files. */
export function unfinishedName(zxid: number): string {
  return `snapshot-${hexZxid(zxid)}.tmp`
}

/** Whether a file is what a crash has left of a snapshot, ours or Java's. */
export function isUnfinished(name: string): boolean {
  return /^snapshot[-.].*\.tmp$/.test(name)
}

export interface SnapshotFile {
  readonly path: string
  readonly zxid: number
  readonly compression: Compression
}

/** The snapshot that a file name stands for; null for other files. */
export function parseSnapshotName(directory: string, name: string): SnapshotFile | null {
  const match = /^snapshot\.([^.]*)(?:\.(gz|snappy))?$/.exec(name)
  const zxid = match === null ? null : parseHexZxid(match[1] as string)
  if (match === null || zxid === null) return null
  return { path: join(directory, name), zxid, compression: (match[2] as 'gz' | 'snappy' | undefined) ?? 'none' }
}

export function snapshotHeader(): Uint8Array {
  const bytes = new Uint8Array(SNAPSHOT_HEADER_BYTES)
  writeUint32(bytes, 0, SNAPSHOT_MAGIC)
  writeUint32(bytes, 4, SNAPSHOT_VERSION)
  bytes.fill(0xff, 8)
  return bytes
}

/** Writes the seal of everything that `checksum` is over. */
export function putSeal(bytes: Uint8Array, at: number, checksum: number): void {
  writeUint32(bytes, at, 0)
  writeUint32(bytes, at + 4, checksum)
  writeUint32(bytes, at + 8, 1)
  bytes[at + 12] = 0x2f
}

/** Whether there is a seal for `checksum`. */
export function isSeal(bytes: Uint8Array, at: number, checksum: number): boolean {
  return (
    readUint32(bytes, at) === 0 &&
    readUint32(bytes, at + 4) === checksum &&
    readUint32(bytes, at + 8) === 1 &&
    bytes[at + 12] === 0x2f
  )
}

/** The tree when the last znode of a snapshot had been written: it may be ahead of when the first one was. */
export interface SnapshotEnd {
  readonly zxid: number
  /** Null where digests are not kept. */
  readonly digest: { readonly version: number; readonly high: number; readonly low: number } | null
}

/** What follows a snapshot's body: seals and sections. `checksum` is over the header and the body. */
export function snapshotTrailer(end: SnapshotEnd, withLastZxid: boolean, checksum: number): Uint8Array {
  const bytes = new Uint8Array(SEAL_BYTES + DIGEST_SECTION_BYTES + LAST_ZXID_SECTION_BYTES)
  let length = 0
  const seal = (from: number): void => {
    checksum = adler32(checksum, bytes, from, length)
    putSeal(bytes, length, checksum)
    checksum = adler32(checksum, bytes, length, length + SEAL_BYTES)
    length += SEAL_BYTES
  }
  const putZxid = (): void => {
    writeUint32(bytes, length, Math.floor(end.zxid / 2 ** 32))
    writeUint32(bytes, length + 4, end.zxid)
    length += 8
  }
  seal(length)
  if (end.digest !== null) {
    const from = length
    putZxid()
    for (const value of [end.digest.version, end.digest.high, end.digest.low]) {
      writeUint32(bytes, length, value)
      length += 4
    }
    seal(from)
  }
  if (withLastZxid) {
    const from = length
    putZxid()
    seal(from)
  }
  return bytes.subarray(0, length)
}

export interface SnapshotTrailer {
  /** The section with the digest; null if it is missing. */
  readonly digest: {
    readonly zxid: number
    readonly version: number
    readonly high: number
    readonly low: number
  } | null
  /** The section with the zxid at the end; null if it is missing. */
  readonly lastZxid: number | null
}

/**
 * Reads what follows a body. The sections have no tags: Java takes those that its own settings lead it to expect, and
 * refuses the snapshots of servers with others. Their lengths differ, which is enough to tell them apart.
 *
 * @returns what is wrong, if something is
 */
export function readTrailer(bytes: Uint8Array, checksum: number): SnapshotTrailer | string {
  const sections = bytes.length - SEAL_BYTES
  const hasDigest = sections === DIGEST_SECTION_BYTES || sections === DIGEST_SECTION_BYTES + LAST_ZXID_SECTION_BYTES
  const hasLastZxid =
    sections === LAST_ZXID_SECTION_BYTES || sections === DIGEST_SECTION_BYTES + LAST_ZXID_SECTION_BYTES
  if (sections !== 0 && !hasDigest && !hasLastZxid) return `${bytes.length} bytes follow the znodes`
  let at = 0
  let sealed = true
  const seal = (from: number): void => {
    checksum = adler32(checksum, bytes, from, at)
    sealed &&= isSeal(bytes, at, checksum)
    checksum = adler32(checksum, bytes, at, at + SEAL_BYTES)
    at += SEAL_BYTES
  }
  const zxidAt = (from: number): number => readUint32(bytes, from) * 2 ** 32 + readUint32(bytes, from + 4)
  seal(at)
  let digest: SnapshotTrailer['digest'] = null
  if (hasDigest) {
    const from = at
    at += 20
    const [version, high, low] = [
      readUint32(bytes, from + 8),
      readUint32(bytes, from + 12),
      readUint32(bytes, from + 16),
    ]
    digest = { zxid: zxidAt(from), version, high, low }
    seal(from)
  }
  let lastZxid: number | null = null
  if (hasLastZxid) {
    const from = at
    at += 8
    lastZxid = zxidAt(from)
    seal(from)
  }
  return sealed ? { digest, lastZxid } : 'a checksum does not match'
}

/** The checksum of a snapshot's header, from which its body's goes on. */
export function headerChecksum(header: Uint8Array): number {
  return adler32(ADLER32_EMPTY, header, 0, SNAPSHOT_HEADER_BYTES)
}
