import type { MemberAddress } from '@vivarium/core'

/** What the first eight bytes of a connection for the election say: the format of what follows. */
const ONE_ADDRESS = -65_536n
const ADDRESSES = -65_535n
/** As long as the addresses may be. */
const LONGEST_ADDRESSES = 2048
const FIXED_BYTES = 20

/** Who calls on the election port, and where it can be called back; null where it does not say. */
export interface InitialMessage {
  readonly sid: bigint
  readonly addresses: readonly { readonly host: string; readonly port: number }[] | null
}

/**
 * The first bytes of a connection for the election: they have to leave in one piece (QuorumCnxManager).
 *
 * @param several whether to write them in the way that has room for several addresses, which servers before 3.6 do not read
 */
export function encodeInitialMessage(sid: number, addresses: readonly MemberAddress[], several: boolean): Uint8Array {
  const texts = addresses.map(({ host, electionPort }) => `${host.includes(':') ? `[${host}]` : host}:${electionPort}`)
  const text = Buffer.from(texts.join('|'))
  const bytes = Buffer.alloc(FIXED_BYTES + text.length)
  bytes.writeBigInt64BE(several ? ADDRESSES : ONE_ADDRESS, 0)
  bytes.writeBigInt64BE(BigInt(sid), 8)
  bytes.writeInt32BE(text.length, 16)
  bytes.set(text, FIXED_BYTES)
  return bytes
}

/**
 * Reads the first bytes of a connection. What servers before 3.5 send is their id alone.
 *
 * @returns null while there are too few; what is wrong with them as a text; or the message, and how long it is
 */
export function decodeInitialMessage(
  bytes: Uint8Array,
  end: number,
): null | string | { readonly message: InitialMessage; readonly length: number } {
  if (end < 8) return null
  const view = new DataView(bytes.buffer, bytes.byteOffset, end)
  const version = view.getBigInt64(0)
  if (version >= 0n) return { message: { sid: version, addresses: null }, length: 8 }
  if (version !== ONE_ADDRESS && version !== ADDRESSES) return `protocol version ${version}`
  if (end < FIXED_BYTES) return null
  const length = view.getInt32(16)
  if (length <= 0 || length > LONGEST_ADDRESSES) return `an address of ${length} bytes`
  if (end < FIXED_BYTES + length) return null
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + FIXED_BYTES, length).toString('utf8')
  const addresses = text.split('|').map(parseAddress)
  if (addresses.some((address) => address === undefined)) return 'an address that is none'
  const reachable = addresses.filter((address) => address !== undefined && !isWildcard(address.host))
  return {
    message: { sid: view.getBigInt64(8), addresses: reachable.length > 0 ? (reachable as never) : null },
    length: FIXED_BYTES + length,
  }
}

function parseAddress(text: string): { host: string; port: number } | undefined {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text)
  const port = Number(match?.[3])
  if (match === null || port > 65_535) return undefined
  return { host: (match[1] ?? match[2]) as string, port }
}

/** Nobody can be called there; the configured address is taken then (ZOOKEEPER-2164). */
function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || /^[0:]+$/.test(host)
}
