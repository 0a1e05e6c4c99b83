/** The signed 32-bit integer that stands at `at`, most significant byte first as in all of jute. */
export function getInt(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
}

/** Writes the low 32 bits of `value`, most significant byte first. */
export function putInt(target: Uint8Array, at: number, value: number): void {
  target[at] = value >> 24
  target[at + 1] = value >> 16
  target[at + 2] = value >> 8
  target[at + 3] = value
}
