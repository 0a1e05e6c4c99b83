/** Two 32-bit halves and the 64-bit integer that they make: moving between the two allocates nothing but the bigint. */
const long = new BigInt64Array(1)
const halves = new Int32Array(long.buffer)
const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1
const HIGH = littleEndian ? 1 : 0
const LOW = littleEndian ? 0 : 1

/** The signed 64-bit integer with these 32-bit halves. */
export function joinLong(high: number, low: number): bigint {
  halves[HIGH] = high
  halves[LOW] = low
  return long[0]!
}

/** Splits `value` (its low 64 bits); {@link highHalf} and {@link lowHalf} then hold its halves. */
export function splitLong(value: bigint): void {
  long[0] = value
}

export function highHalf(): number {
  return halves[HIGH]!
}

export function lowHalf(): number {
  return halves[LOW]!
}
