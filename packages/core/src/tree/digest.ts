import type { StatPersisted } from '@vivarium/protocol'
import { type Arena, HANDLE_CHUNK_SHIFT } from './arena.ts'
import { crc32, crc32Int, crc32Long } from './crc32.ts'
import { AVERSION, CVERSION, extensionStart, MTIME, MZXID, OWNER, OWNER_LOW, PZXID, VERSION } from './extensions.ts'
import {
  CTIME,
  CZXID,
  EXTENSION,
  NAME,
  NONE,
  PARENTAL,
  PREFIX_CRC,
  ROW_CHUNK_BITS,
  ROW_INTS,
  ROW_MASK,
  type Rows,
} from './rows.ts'

/** The version of this way to compute digests (DigestCalculator.DIGEST_VERSION). */
export const DIGEST_VERSION = 2

const SUBTREE = '/zookeeper/'

/**
 * Whether a znode is left out of the tree digest: everything under /zookeeper/ is, /zookeeper itself is not
 * (DigestCalculator.calculateDigest: quota usage there is each server's own).
 */
export function isUndigested(path: Uint8Array, start: number, end: number): boolean {
  if (end - start < SUBTREE.length) return false
  for (let i = 0; i < SUBTREE.length; i += 1) if (path[start + i] !== SUBTREE.charCodeAt(i)) return false
  return true
}

/**
 * The CRC-32 of a znode's path and data, which {@link nodeDigest} continues. The path is UTF-8; the root's counts as
 * empty, also when it is given as "/".
 */
export function pathDataCrc(path: Uint8Array, start: number, end: number, data: Uint8Array | null): number {
  const root = end - start === 1 && path[start] === 0x2f
  const crc = root ? 0 : crc32(path, start, end)
  return data === null ? crc : crc32(data, 0, data.length, crc)
}

/**
 * The digest of one znode, an unsigned 32-bit integer (DigestCalculator.calculateDigest). The digest of a tree is the
 * sum of its znodes', in 64 bits.
 *
 * @param prefixCrc {@link pathDataCrc} of its path and data, or `DataTree.prefixCrc` of a znode that keeps its data
 */
export function nodeDigest(prefixCrc: number, stat: Readonly<StatPersisted>): number {
  let crc = ~prefixCrc
  crc = crcLong(crc, stat.czxid)
  crc = crcLong(crc, stat.mzxid)
  crc = crcLong(crc, stat.pzxid)
  crc = crcLong(crc, stat.ctime)
  crc = crcLong(crc, stat.mtime)
  crc = crc32Long(crc, stat.version, stat.cversion)
  const owner = stat.ephemeralOwner
  crc = crc32Long(crc, stat.aversion, owner === 0n ? 0 : Number(BigInt.asIntN(32, owner >> 32n)))
  crc = crc32Int(crc, owner === 0n ? 0 : Number(BigInt.asIntN(32, owner)))
  return ~crc >>> 0
}

function crcLong(crc: number, value: number): number {
  return crc32Long(crc, Math.floor(value / 0x1_0000_0000), value | 0)
}

/** The running sum of the digests of a tree's znodes, modulo 2^64, as two unsigned halves. */
export class TreeDigest {
  high: number
  low: number

  constructor() {
    this.high = 0
    this.low = 0
  }

  add(digest: number): void {
    const low = this.low + digest
    this.low = low >>> 0
    if (low > 0xffff_ffff) this.high = (this.high + 1) >>> 0
  }

  subtract(digest: number): void {
    const low = this.low - digest
    this.low = low >>> 0
    if (low < 0) this.high = (this.high - 1) >>> 0
  }
}

/** {@link nodeDigest} of the znode in a row. */
export function rowDigest(rows: Rows, arena: Arena, row: number): number {
  const chunk = rows.chunks[row >>> ROW_CHUNK_BITS]!
  const base = (row & ROW_MASK) * ROW_INTS
  const handle = chunk[base + EXTENSION]!
  const extended = handle !== NONE
  const words = extended ? arena.words[handle >>> HANDLE_CHUNK_SHIFT]! : chunk
  const at = extensionStart(handle)
  const parental = (chunk[base + NAME]! & PARENTAL) !== 0
  // Where each is: in the extension, or the field of the row that it is still equal to.
  const mzxid = extended ? at + MZXID : base + CZXID
  const pzxidHigh = parental ? words[at + PZXID]! : chunk[base + CZXID]!
  const pzxidLow = parental ? words[at + PZXID + 1]! : chunk[base + CZXID + 1]!
  const mtime = extended ? at + MTIME : base + CTIME
  let crc = ~chunk[base + PREFIX_CRC]!
  crc = crc32Long(crc, chunk[base + CZXID]!, chunk[base + CZXID + 1]!)
  crc = crc32Long(crc, words[mzxid]!, words[mzxid + 1]!)
  crc = crc32Long(crc, pzxidHigh, pzxidLow)
  crc = crc32Long(crc, chunk[base + CTIME]!, chunk[base + CTIME + 1]!)
  crc = crc32Long(crc, words[mtime]!, words[mtime + 1]!)
  crc = crc32Long(crc, extended ? words[at + VERSION]! : 0, parental ? words[at + CVERSION]! : 0)
  crc = crc32Long(crc, extended ? words[at + AVERSION]! : 0, extended ? words[at + OWNER]! : 0)
  crc = crc32Int(crc, extended ? words[at + OWNER_LOW]! : 0)
  return ~crc >>> 0
}
