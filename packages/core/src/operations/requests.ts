import { type ACL, AclList, JuteError, OPEN_ACL_UNSAFE, type Reader } from '@vivarium/protocol'
import { copyRange } from '../tree/copy-range.ts'

/** What the four ways to create have in common. */
export interface CreateArguments {
  /** Null is found out only after the flags have been looked at, as in Java. */
  readonly path: string | null
  /** Owned: see {@link readOwned}. */
  readonly data: Uint8Array | null
  readonly acl: readonly (ACL | null)[] | null
  readonly flags: number
  /** Milliseconds; −1 where the request has no such field. */
  readonly ttl: number
}

export interface SetDataArguments {
  readonly path: string
  /** Owned: see {@link readOwned}. */
  readonly data: Uint8Array | null
  readonly version: number
}

export interface DeleteArguments {
  /** Null fails as in Java, once the request has its zxid. */
  readonly path: string | null
  readonly version: number
}

/** DeleteRequest. */
export function readDelete(body: Reader): DeleteArguments {
  return { path: body.string(), version: body.int() }
}

/** CreateRequest, as its record reads it but for what {@link readOwned} and {@link readAcl} save. */
export function readCreate(body: Reader): CreateArguments {
  return { path: body.string(), data: readOwned(body), acl: readAcl(body), flags: body.int(), ttl: -1 }
}

/** CreateTTLRequest. */
export function readCreateTTL(body: Reader): CreateArguments {
  return { path: body.string(), data: readOwned(body), acl: readAcl(body), flags: body.int(), ttl: body.millis() }
}

/** SetDataRequest. */
export function readSetData(body: Reader, path = body.text()): SetDataArguments {
  return { path, data: readOwned(body), version: body.int() }
}

/** A path that is validated before anything else (outside of a multi): null is no valid path, as the empty one is none. */
export function readCheckedPath(body: Reader): string {
  return body.string() ?? ''
}

/** Data up to this length share a slab. */
const SMALL_BYTES = 1024
const SLAB_BYTES = 65_536
let slab = new Uint8Array(SLAB_BYTES)
let slabUsed = 0

/**
 * A copy of the data that comes next: it is needed until the transaction is applied, and the bytes of the request are
 * not there for so long. One view into a slab, where `copyBytes(body.buffer())` makes three.
 */
function readOwned(body: Reader): Uint8Array | null {
  const length = body.int()
  if (length === -1) return null
  if (length < 0 || length > body.maxField) throw new JuteError(`unreasonable length ${length}`)
  if (length > body.remaining) throw new JuteError('the bytes end within a record', true)
  const start = body.offset
  body.offset = start + length
  if (length > SMALL_BYTES) {
    const copy = new Uint8Array(length)
    copy.set(body.bytes.subarray(start, body.offset))
    return copy
  }
  if (slabUsed + length > SLAB_BYTES) {
    slab = new Uint8Array(SLAB_BYTES)
    slabUsed = 0
  }
  const at = slabUsed
  slabUsed += length
  copyRange(body.bytes, start, slab, at, length)
  return slab.subarray(at, slabUsed)
}

/** `world:anyone` with all permissions, as it stands in almost every request to create. */
const OPEN_ACL_BYTES = [
  ...[0, 0, 0, 1, 0, 0, 0, 31],
  ...[0, 0, 0, 5, 0x77, 0x6f, 0x72, 0x6c, 0x64],
  ...[0, 0, 0, 6, 0x61, 0x6e, 0x79, 0x6f, 0x6e, 0x65],
]

/** An access control list. The one that most znodes have is found by its bytes. */
export function readAcl(body: Reader): readonly (ACL | null)[] | null {
  const { bytes, offset } = body
  const length = OPEN_ACL_BYTES.length
  if (body.remaining >= length) {
    let i = 0
    while (i < length && bytes[offset + i] === OPEN_ACL_BYTES[i]) i++
    if (i === length) {
      body.offset = offset + length
      return OPEN_ACL_UNSAFE
    }
  }
  return AclList.read(body)
}
