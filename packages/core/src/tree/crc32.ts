/**
 * Tables of the zip polynomial for eight bytes at a time: entry `256 k + b` is the effect of byte `b` standing `k`
 * places before the end of the eight. Each step waits for the one before, so fewer and longer ones take less time.
 */
const TABLE = crcTables()

function crcTables(): Int32Array {
  const table = new Int32Array(8 * 256)
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
    table[byte] = crc
  }
  for (let entry = 256; entry < table.length; entry += 1) {
    const shorter = table[entry - 256]!
    table[entry] = (shorter >>> 8) ^ table[shorter & 0xff]!
  }
  return table
}

/**
 * CRC-32 (java.util.zip.CRC32) of the bytes from `start` to `end`, unsigned. Given the CRC of what stands before as
 * `seed`, it is the CRC of both together.
 *
 * @example crc32(bytes, 0, bytes.length) === crc32(bytes, 2, bytes.length, crc32(bytes, 0, 2))
 */
export function crc32(bytes: Uint8Array, start: number, end: number, seed = 0): number {
  let crc = ~seed
  let at = start
  for (const lastEight = end - 7; at < lastEight; at += 8) {
    crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
    crc =
      TABLE[1792 + (crc & 0xff)]! ^
      TABLE[1536 + ((crc >>> 8) & 0xff)]! ^
      TABLE[1280 + ((crc >>> 16) & 0xff)]! ^
      TABLE[1024 + (crc >>> 24)]! ^
      TABLE[768 + bytes[at + 4]!]! ^
      TABLE[512 + bytes[at + 5]!]! ^
      TABLE[256 + bytes[at + 6]!]! ^
      TABLE[bytes[at + 7]!]!
  }
  for (; at < end; at += 1) crc = (crc >>> 8) ^ TABLE[(crc ^ bytes[at]!) & 0xff]!
  return ~crc >>> 0
}

/**
 * One more step of a CRC: the four bytes of `value`, the most significant first. Works on the inverted CRC (`~seed` at
 * the start, `~result >>> 0` at the end), so that a run of integers inverts only once.
 */
export function crc32Int(inverted: number, value: number): number {
  return (
    TABLE[768 + ((inverted ^ (value >>> 24)) & 0xff)]! ^
    TABLE[512 + (((inverted >>> 8) ^ (value >>> 16)) & 0xff)]! ^
    TABLE[256 + (((inverted >>> 16) ^ (value >>> 8)) & 0xff)]! ^
    TABLE[((inverted >>> 24) ^ value) & 0xff]!
  )
}

/** {@link crc32Int} of `high`, then of `low`, in one step. */
export function crc32Long(inverted: number, high: number, low: number): number {
  return (
    TABLE[1792 + ((inverted ^ (high >>> 24)) & 0xff)]! ^
    TABLE[1536 + (((inverted >>> 8) ^ (high >>> 16)) & 0xff)]! ^
    TABLE[1280 + (((inverted >>> 16) ^ (high >>> 8)) & 0xff)]! ^
    TABLE[1024 + (((inverted >>> 24) ^ high) & 0xff)]! ^
    TABLE[768 + (low >>> 24)]! ^
    TABLE[512 + ((low >>> 16) & 0xff)]! ^
    TABLE[256 + ((low >>> 8) & 0xff)]! ^
    TABLE[low & 0xff]!
  )
}
