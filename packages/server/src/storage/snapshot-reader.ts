import { type DataTree, type DataTreeOptions, SnapshotReader } from '@vivarium/core'
import type { Disk, File } from '@vivarium/env'
import { ADLER32_EMPTY, adler32 } from './adler32.ts'
import { readUint32 } from './log-format.ts'
import { decompress } from './snapshot-compression.ts'
import {
  DIGEST_SECTION_BYTES,
  headerChecksum,
  isSeal,
  LAST_ZXID_SECTION_BYTES,
  readTrailer,
  SEAL_BYTES,
  SNAPSHOT_HEADER_BYTES,
  SNAPSHOT_MAGIC,
  type SnapshotFile,
  type SnapshotTrailer,
} from './snapshot-format.ts'

const CHUNK_BYTES = 1024 * 1024
/** More than any snapshot has after its body. */
const TRAILER_LIMIT = SEAL_BYTES + DIGEST_SECTION_BYTES + LAST_ZXID_SECTION_BYTES + 1
/** What is shorter cannot have been written whole (`SnapStream.isValidSnapshot`). */
const SHORTEST_BYTES = 10
const GZIP_MAGIC = Uint8Array.of(0x1f, 0x8b)
const SNAPPY_MAGIC = Uint8Array.of(0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0)
const END_OF_SEAL = Uint8Array.of(0, 0, 0, 1, 0x2f)

export interface LoadedSnapshot extends SnapshotTrailer {
  readonly tree: DataTree
  /** Timeouts in milliseconds, by session id. */
  readonly sessions: Map<bigint, number>
}

/** A snapshot that cannot be used, and why. */
export interface SnapshotDamage {
  readonly path: string
  readonly zxid: number
  readonly damage: string
}

/**
 * Loads a snapshot into a tree of its own, so that nothing of a damaged one stays behind. All its checksums have
 * matched when this resolves to a tree; every other outcome, a disk error included, is a {@link SnapshotDamage}.
 */
export async function loadSnapshot(
  disk: Disk,
  snapshot: SnapshotFile,
  options: DataTreeOptions,
): Promise<LoadedSnapshot | SnapshotDamage> {
  const loaded = await loadSnapshotStream(contentsOf(disk, snapshot), options)
  return typeof loaded === 'string' ? { path: snapshot.path, zxid: snapshot.zxid, damage: loaded } : loaded
}

/** As {@link loadSnapshot}, of the bytes of a snapshot that is not compressed. Resolves to a text if it is damaged. */
export async function loadSnapshotStream(
  contents: AsyncIterable<Uint8Array>,
  options: DataTreeOptions,
): Promise<LoadedSnapshot | string> {
  const body = new SnapshotReader({ ...options, maxFieldBytes: 2 ** 31 - 1 })
  try {
    const trailer = await readAll(contents, body)
    return typeof trailer === 'string' ? trailer : { ...trailer, tree: body.tree, sessions: body.sessions }
  } catch (error) {
    return (error as Error).message
  }
}

async function readAll(contents: AsyncIterable<Uint8Array>, body: SnapshotReader): Promise<SnapshotTrailer | string> {
  const header = new Uint8Array(SNAPSHOT_HEADER_BYTES)
  let headerLength = 0
  const trailer = new Uint8Array(TRAILER_LIMIT)
  let trailerLength = 0
  let checksum = ADLER32_EMPTY
  for await (const chunk of contents) {
    let at = 0
    if (headerLength < SNAPSHOT_HEADER_BYTES) {
      at = Math.min(chunk.length, SNAPSHOT_HEADER_BYTES - headerLength)
      header.set(chunk.subarray(0, at), headerLength)
      headerLength += at
      if (headerLength < SNAPSHOT_HEADER_BYTES) continue
      if (readUint32(header, 0) !== SNAPSHOT_MAGIC) return 'the header is not that of a snapshot'
      checksum = headerChecksum(header)
    }
    if (!body.done) {
      const consumed = body.feed(chunk, at, chunk.length)
      if (body.error !== null) return body.error
      checksum = adler32(checksum, chunk, at, at + consumed)
      at += consumed
    }
    const count = Math.min(chunk.length - at, TRAILER_LIMIT - trailerLength)
    trailer.set(chunk.subarray(at, at + count), trailerLength)
    trailerLength += count
    if (trailerLength === TRAILER_LIMIT) return 'more follows the znodes than a snapshot has'
  }
  if (!body.done || trailerLength < SEAL_BYTES) return 'it is cut off'
  return readTrailer(trailer.subarray(0, trailerLength), checksum)
}

/**
 * Whether a file looks like a whole snapshot, from its ends alone (`SnapStream.isValidSnapshot`). Disk errors count as
 * no.
 */
export async function looksValid(disk: Disk, snapshot: SnapshotFile): Promise<boolean> {
  const file = await disk.open(snapshot.path, 'read').catch(() => null)
  if (file === null) return false
  try {
    const size = await file.size()
    if (size < SHORTEST_BYTES) return false
    if (snapshot.compression === 'gz') return startsWith(await file.read(0, 2), GZIP_MAGIC)
    if (snapshot.compression === 'snappy') return startsWith(await file.read(0, 8), SNAPPY_MAGIC)
    return startsWith(await file.read(size - END_OF_SEAL.length, END_OF_SEAL.length), END_OF_SEAL)
  } catch {
    return false
  } finally {
    await file.close()
  }
}

/** Whether every byte of a snapshot is as it was written: its last seal is over all before it. */
export async function isIntact(disk: Disk, snapshot: SnapshotFile): Promise<boolean> {
  let checksum = ADLER32_EMPTY
  // The last bytes seen, which may turn out to be the seal.
  let tail: Uint8Array = new Uint8Array(0)
  try {
    for await (const chunk of contentsOf(disk, snapshot)) {
      const bytes = Buffer.concat([tail, chunk])
      const covered = Math.max(0, bytes.length - SEAL_BYTES)
      checksum = adler32(checksum, bytes, 0, covered)
      tail = bytes.subarray(covered)
    }
  } catch {
    return false
  }
  return tail.length === SEAL_BYTES && isSeal(tail, 0, checksum)
}

function startsWith(bytes: Uint8Array, start: Uint8Array): boolean {
  return bytes.length >= start.length && start.every((byte, index) => bytes[index] === byte)
}

/** What a snapshot file holds, uncompressed, in pieces. */
export async function* contentsOf(disk: Disk, snapshot: SnapshotFile): AsyncIterable<Uint8Array> {
  const file = await disk.open(snapshot.path, 'read')
  try {
    yield* decompress(snapshot.compression, chunksOf(file))
  } finally {
    await file.close()
  }
}

async function* chunksOf(file: File): AsyncIterable<Uint8Array> {
  let position = 0
  let ahead = file.read(position, CHUNK_BYTES)
  try {
    for (;;) {
      const chunk = await ahead
      if (chunk.length === 0) return
      position += chunk.length
      ahead = file.read(position, CHUNK_BYTES)
      ahead.catch(() => {})
      yield chunk
    }
  } finally {
    // The file is closed next.
    await ahead.catch(() => {})
  }
}
