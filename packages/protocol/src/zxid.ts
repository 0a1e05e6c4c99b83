/**
 * The id of a transaction: the epoch of the leader that made it, then a counter. A 64-bit integer kept as a number,
 * which is exact while epochs are below 2^21. Compare zxids with `<`; take them apart with the functions below, never
 * with `&`, `|` or `<<`, which see 32 bits only.
 */
export type Zxid = number

const COUNTERS = 0x1_0000_0000

/** The highest epoch whose zxids are exact as numbers. */
export const MAX_EPOCH = 0x1f_ffff

/** @param counter 0 to 2^32 − 1 */
export function makeZxid(epoch: number, counter: number): Zxid {
  return epoch * COUNTERS + counter
}

/** The epoch of a zxid; −1 for −1 (ZxidUtils.getEpochFromZxid shifts arithmetically). */
export function epochOf(zxid: Zxid): number {
  return Math.floor(zxid / COUNTERS)
}

export function counterOf(zxid: Zxid): number {
  return zxid >>> 0
}

/** A zxid as it stands in logs and file names: `0x10000002a`. Negative ones come out as Java's Long.toHexString has them. */
export function formatZxid(zxid: Zxid): string {
  return `0x${zxid < 0 ? BigInt.asUintN(64, BigInt(zxid)).toString(16) : zxid.toString(16)}`
}
