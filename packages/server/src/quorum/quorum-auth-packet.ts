/** What every packet begins with (QuorumAuth.QUORUM_AUTH_MAGIC_NUMBER). */
const MAGIC = BigInt.asIntN(64, -0xa0dbcafecafe1234n)
export const MAGIC_BYTES = 8
const HEADER_BYTES = 16
/** Longer than any token, of Kerberos with all that a ticket may have in it. */
const LONGEST_TOKEN = 65_536

export const AuthStatus = { IN_PROGRESS: 0, SUCCESS: 1, ERROR: -1 } as const

/** One of the packets by which servers authenticate to each other: QuorumAuthPacket, without a length in front. */
export function encodeAuthPacket(status: number, token: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(HEADER_BYTES + token.length)
  bytes.writeBigInt64BE(MAGIC, 0)
  bytes.writeInt32BE(status, MAGIC_BYTES)
  bytes.writeInt32BE(token.length, 12)
  bytes.set(token, HEADER_BYTES)
  return bytes
}

/** Of at least `MAGIC_BYTES`. */
export function startsWithMagic(bytes: Uint8Array): boolean {
  return new DataView(bytes.buffer, bytes.byteOffset).getBigInt64(0) === MAGIC
}

/** @returns null while there are too few bytes; what is wrong with them as a text; or the packet, and how long it is */
export function decodeAuthPacket(
  bytes: Uint8Array,
  end: number,
): null | string | { readonly status: number; readonly token: Uint8Array; readonly length: number } {
  if (end < HEADER_BYTES) return null
  if (!startsWithMagic(bytes)) return 'what should authenticate does not begin as it should'
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  // −1 is how Java writes that there is none.
  const tokenBytes = Math.max(0, view.getInt32(12))
  if (tokenBytes > LONGEST_TOKEN) return `a token of ${tokenBytes} bytes`
  const length = HEADER_BYTES + tokenBytes
  if (end < length) return null
  return { status: view.getInt32(MAGIC_BYTES), token: Uint8Array.from(bytes.subarray(HEADER_BYTES, length)), length }
}
