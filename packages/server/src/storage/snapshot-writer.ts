import { dirname, join } from 'node:path'
import type { SnapshotWriter } from '@vivarium/core'
import type { Disk } from '@vivarium/env'
import { adler32 } from './adler32.ts'
import { createCompressor } from './snapshot-compression.ts'
import {
  type Compression,
  headerChecksum,
  SNAPSHOT_HEADER_BYTES,
  type SnapshotEnd,
  type SnapshotFile,
  snapshotHeader,
  snapshotName,
  snapshotTrailer,
  unfinishedName,
} from './snapshot-format.ts'

/**
 * How much is synced at a time. A write of the log waits behind it: with 8 MiB the log's writes took three times as long,
 * and every hundredth 27 ms instead of 14 ms.
 */
const SYNC_BYTES = 1024 * 1024

/** What to write, apart from the znodes. Can be posted to another thread. */
export interface SnapshotJob {
  readonly directory: string
  /** The last transaction that was completely applied when the snapshot began; the file is named by it. */
  readonly zxid: number
  readonly compression: Compression
  /** Whether the zxid at the end is written (`serializeLastProcessedZxid.enabled`). */
  readonly withLastZxid: boolean
  /** How many bytes are put together and written at a time. */
  readonly pieceBytes: number
}

export interface WrittenSnapshot extends SnapshotFile {
  /** What it is called until it is published. */
  readonly unfinished: string
  /** On the disk. */
  readonly bytes: number
}

/**
 * Writes a snapshot, under a name that no recovery looks at: see {@link publishSnapshot}. So does a crash leave it, and an
 * error that keeps it from being removed.
 *
 * @param body the sessions, lists and znodes
 * @param end asked for the state of the tree once the last znode has been written
 * @param pause awaited after each piece
 * @throws {DiskError}
 */
export async function writeSnapshot(
  disk: Disk,
  job: SnapshotJob,
  body: SnapshotWriter,
  end: () => Promise<SnapshotEnd>,
  pause: () => Promise<void>,
): Promise<WrittenSnapshot> {
  const unfinished = join(job.directory, unfinishedName(job.zxid))
  const path = join(job.directory, snapshotName(job.zxid, job.compression))
  const file = await disk.open(unfinished, 'create')
  let position = 0
  let synced = 0
  const compress = createCompressor(job.compression)
  const write = async (piece: Uint8Array): Promise<void> => {
    const bytes = compress(piece)
    await file.writeAt(bytes, position)
    position += bytes.length
    if (position - synced < SYNC_BYTES) return
    await file.sync()
    synced = position
  }
  try {
    const header = snapshotHeader()
    let checksum = headerChecksum(header)
    const piece = new Uint8Array(Math.max(job.pieceBytes, 2 * SNAPSHOT_HEADER_BYTES))
    piece.set(header)
    let start = SNAPSHOT_HEADER_BYTES
    for (;;) {
      const count = body.next(piece.subarray(start))
      if (count === 0) break
      checksum = adler32(checksum, piece, start, start + count)
      await write(piece.subarray(0, start + count))
      start = 0
      await pause()
    }
    await write(snapshotTrailer(await end(), job.withLastZxid, checksum))
    await file.sync()
  } catch (error) {
    await file.close().catch(() => {})
    // Space may be what it failed for.
    await disk.remove(unfinished).catch(() => {})
    throw error
  }
  await file.close()
  return { path, unfinished, zxid: job.zxid, compression: job.compression, bytes: position }
}

/**
 * Gives a snapshot that is on the disk in full the name by which recovery knows it.
 *
 * @throws {DiskError}
 */
export async function publishSnapshot(disk: Disk, { path, unfinished }: WrittenSnapshot): Promise<void> {
  await disk.rename(unfinished, path)
  await disk.syncDirectory(dirname(path))
}
