/**
 * Tables of the zip polynomial for four bytes at a time: entry `256 k + b` is the effect of byte `b` standing `k`
 * places before the end of the word.
 */
const TABLE = crcTables()

function crcTables(): Int32Array {
  const table = new Int32Array(4 * 256)
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
  for (const lastWord = end - 3; at < lastWord; at += 4) {
    crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
    crc =
      TABLE[768 + (crc & 0xff)]! ^
      TABLE[512 + ((crc >>> 8) & 0xff)]! ^
      TABLE[256 + ((crc >>> 16) & 0xff)]! ^
      TABLE[crc >>> 24]!
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
