import type { Writer } from '@vivarium/protocol'

/** Bytes before the body: the frame's length, then xid, zxid and error. */
const HEADER = 20

/** Leaves room for the header of a reply, and returns where it starts. */
export function beginReply(writer: Writer): number {
  writer.ensure(HEADER + 128)
  const start = writer.length
  writer.length = start + HEADER
  return start
}

/** Drops what was written since `start`, but for the room for the header: an error has no body. */
export function dropBody(writer: Writer, start: number): void {
  writer.length = start + HEADER
}

/** Fills in the header of the reply that began at `start`. */
export function endReply(writer: Writer, start: number, xid: number, zxid: number, errno: number): void {
  const { bytes } = writer
  putInt(bytes, start, writer.length - start - 4)
  putInt(bytes, start + 4, xid)
  putInt(bytes, start + 8, zxid < 0 ? -1 : (zxid / 0x1_0000_0000) | 0)
  putInt(bytes, start + 12, zxid | 0)
  putInt(bytes, start + 16, errno)
}

/** A reply without a body. */
export function writeHeader(writer: Writer, xid: number, zxid: number, errno: number): void {
  endReply(writer, beginReply(writer), xid, zxid, errno)
}

function putInt(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
}
