import type { Compression } from '../storage/index.ts'
import { parseHexZxid } from '../storage/log-format.ts'
import type { BackupStore, StoredObject } from './backup-store.ts'

/** A snapshot in a backup. */
export interface Base extends StoredObject {
  /** The last transaction that it surely has; it may have parts of later ones. */
  readonly zxid: number
  /** When it was put there: what is in it is no younger. Milliseconds since 1970. */
  readonly archivedMs: number
  readonly compression: Compression
}

/** A part of the transaction log in a backup: a log file by itself. */
export interface Segment extends StoredObject {
  readonly first: number
  readonly last: number
  /** When the last transaction was made, in milliseconds since 1970. */
  readonly lastMs: number
}

/** One history: snapshots, and the log without a gap from the oldest of them on. */
export interface Stream {
  /** Later streams are greater. */
  readonly id: string
  /** Oldest first. */
  readonly bases: readonly Base[]
  /** Oldest first. */
  readonly segments: readonly Segment[]
}

const HEX = 16
const EXTENSIONS: Readonly<Record<Compression, string>> = { none: '', gz: '.gz', snappy: '.snappy' }

/** The id of a stream that begins now: it is greater than those before. */
export const streamId = (nowMs: number): string => new Date(nowMs).toISOString().replace(/[-:.]/g, '')

export const baseName = (stream: string, zxid: number, archivedMs: number, compression: Compression): string =>
  `${stream}/snapshot.${hex(zxid)}-${archivedMs}${EXTENSIONS[compression]}`

export const segmentName = (stream: string, first: number, last: number, lastMs: number): string =>
  `${stream}/log.${hex(first)}-${hex(last)}-${lastMs}`

const hex = (zxid: number): string => zxid.toString(16).padStart(HEX, '0')

/** What a store has, newest stream first. What has another name is none of ours. */
export async function readCatalogue(store: BackupStore): Promise<Stream[]> {
  const streams = new Map<string, { bases: Base[]; segments: Segment[] }>()
  for (const object of await store.list()) {
    const [id = '', file = ''] = object.name.split('/')
    if (!/^\d{8}T\d{9}Z$/.test(id)) continue
    const stream = streams.get(id) ?? { bases: [], segments: [] }
    streams.set(id, stream)
    const base = parseBase(object, file)
    const segment = parseSegment(object, file)
    if (base !== null) stream.bases.push(base)
    if (segment !== null) stream.segments.push(segment)
  }
  return Array.from(streams, ([id, { bases, segments }]) => ({
    id,
    bases: bases.sort((a, b) => a.zxid - b.zxid),
    segments: segments.sort((a, b) => a.first - b.first),
  })).sort((a, b) => (a.id < b.id ? 1 : -1))
}

/** The last transaction that a stream has; −1 if it has nothing. */
export const endOf = ({ bases, segments }: Stream): number => segments.at(-1)?.last ?? bases.at(-1)?.zxid ?? -1

function parseBase(object: StoredObject, file: string): Base | null {
  const [, zxidText = '', timeText = '', extension] =
    /^snapshot\.([0-9a-f]{16})-(\d+)(?:\.(gz|snappy))?$/.exec(file) ?? []
  const zxid = parseHexZxid(zxidText)
  if (zxid === null) return null
  return {
    ...object,
    zxid,
    archivedMs: Number(timeText),
    compression: (extension as Compression | undefined) ?? 'none',
  }
}

function parseSegment(object: StoredObject, file: string): Segment | null {
  const [, firstText = '', lastText = '', timeText = ''] = /^log\.([0-9a-f]{16})-([0-9a-f]{16})-(\d+)$/.exec(file) ?? []
  const [first, last] = [parseHexZxid(firstText), parseHexZxid(lastText)]
  return first === null || last === null ? null : { ...object, first, last, lastMs: Number(timeText) }
}
