/**
 * A copy of `bytes[start, end)` that nobody else changes. Small ones share a pool, which costs a tenth of an allocation
 * of their own. (`slice` will not do: on Node's Buffer it is a view.)
 */
export function copyBytes(bytes: Uint8Array, start = 0, end = bytes.length): Uint8Array {
  return Buffer.from(bytes.subarray(start, end))
}
