import { AclList, JuteError, Reader, Writer } from '@vivarium/protocol'
import type { DumpEncoder, DumpItem } from './dump.ts'
import type { Entry, EntryMode } from './entry.ts'

/**
 * A dump for programs that want it small. After the magic come frames: `int length, int type`, and by type
 *
 *     0  an access control list, which has the next number, from 0 on: jute's vector<ACL>
 *     1  a znode: int shared (bytes of the path before), ustring rest, buffer data, int list, int mode, long ttlMs (−1: none)
 *     2  the end: long znodes, long ephemerals that were left out
 */
export const BINARY_MAGIC = Buffer.from('VIVDUMP1')
const LIST = 0
const ZNODE = 1
const END = 2
const MODES: readonly EntryMode[] = ['PERSISTENT', 'CONTAINER', 'PERSISTENT_WITH_TTL']
/** Longer than any znode with its path can be. */
const LONGEST_FRAME = 256 * 1024 * 1024

export function binaryEncoder(): DumpEncoder {
  const lists = new Map<string, number>()
  const writer = new Writer(64 * 1024)
  let before: Uint8Array = new Uint8Array(0)
  const frame = (type: number, write: () => void): void => {
    const start = writer.length
    writer.int(0)
    writer.int(type)
    write()
    const end = writer.length
    writer.length = start
    writer.int(end - start - 4)
    writer.length = end
  }
  const taken = (): Buffer => {
    const bytes = Buffer.from(writer.bytes.subarray(0, writer.length))
    writer.clear()
    return bytes
  }
  const put = ({ path, data, acl, mode, ttlMs }: Entry): void => {
    const key = JSON.stringify(acl)
    const list = lists.get(key) ?? lists.size
    if (list === lists.size) {
      lists.set(key, list)
      frame(LIST, () => AclList.write(writer, [...acl]))
    }
    const bytes = Buffer.from(path)
    const shared = sharedBytes(before, bytes)
    before = bytes
    frame(ZNODE, () => {
      writer.int(shared)
      writer.buffer(bytes.subarray(shared))
      writer.buffer(data)
      writer.int(list)
      writer.int(MODES.indexOf(mode))
      writer.millis(ttlMs ?? -1)
    })
  }
  return {
    begin: () => BINARY_MAGIC,
    entries(entries) {
      for (const entry of entries) put(entry)
      return taken()
    },
    end(znodes, ephemerals) {
      frame(END, () => {
        writer.millis(znodes)
        writer.millis(ephemerals)
      })
      return taken()
    },
  }
}

function sharedBytes(a: Uint8Array, b: Uint8Array): number {
  let at = 0
  while (at < a.length && at < b.length && a[at] === b[at]) at++
  return at
}

/** @throws {Error} that says at which byte something is wrong */
export async function* decodeBinary(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<DumpItem, void, undefined> {
  const lists: Entry['acl'][] = []
  let before: Uint8Array = new Uint8Array(0)
  const item = (reader: Reader): DumpItem | null => {
    const type = reader.int()
    if (type === LIST) {
      lists.push(AclList.read(reader) ?? [])
      return null
    }
    if (type === END) return { end: true, znodes: reader.millis() }
    if (type !== ZNODE) throw new JuteError(`a frame of type ${type}`)
    const shared = reader.int()
    const rest = reader.buffer() ?? new Uint8Array(0)
    if (shared < 0 || shared > before.length) throw new JuteError('a path shares more than there is')
    before = Buffer.concat([before.subarray(0, shared), rest])
    const data = reader.buffer()
    const acl = lists[reader.int()]
    const mode = MODES[reader.int()]
    const ttlMs = reader.millis()
    if (acl === undefined || mode === undefined) throw new JuteError('an unknown list or mode')
    return {
      path: Buffer.from(before).toString('utf8'),
      data: data === null ? null : Uint8Array.from(data),
      acl,
      mode,
      ttlMs: ttlMs < 0 ? null : ttlMs,
    }
  }
  let position = BINARY_MAGIC.length
  for await (const bytes of framesOf(chunks)) {
    try {
      const found = item(new Reader(bytes, 0, bytes.length, LONGEST_FRAME))
      if (found !== null) yield found
    } catch (error) {
      throw new Error(`byte ${position}: ${(error as Error).message}`)
    }
    position += bytes.length + 4
  }
}

/** The frames behind the magic, without their lengths. A claimed length takes no memory before the bytes are there. */
async function* framesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  let parts: Uint8Array[] = []
  let have = 0
  let need = BINARY_MAGIC.length + 4
  let skip = BINARY_MAGIC.length
  for await (const chunk of chunks) {
    parts.push(Uint8Array.from(chunk))
    have += chunk.length
    if (have < need) continue
    const bytes = Buffer.concat(parts)
    let at = skip
    skip = 0
    for (;;) {
      need = 4
      if (bytes.length - at < 4) break
      const length = bytes.readInt32BE(at)
      if (length < 4 || length > LONGEST_FRAME) throw new Error(`a frame of ${length} bytes`)
      need = 4 + length
      if (bytes.length - at < need) break
      yield bytes.subarray(at + 4, at + need)
      at += need
    }
    parts = [bytes.subarray(at)]
    have = bytes.length - at
  }
  if (have > 0) throw new Error('it is cut off')
}
