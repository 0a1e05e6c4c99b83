/** Up to this many bytes a loop takes less time than `set` with a view made for it. */
const SHORT = 32

/** Copies `length` bytes. Makes no garbage for short ones. */
export function copyRange(from: Uint8Array, fromAt: number, to: Uint8Array, toAt: number, length: number): void {
  if (length > SHORT) {
    to.set(length === from.length ? from : from.subarray(fromAt, fromAt + length), toAt)
    return
  }
  for (let i = 0; i < length; i += 1) to[toAt + i] = from[fromAt + i]!
}
