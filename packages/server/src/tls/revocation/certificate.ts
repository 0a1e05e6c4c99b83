import type { X509Certificate } from 'node:crypto'
import { Der, Tag } from '../der.ts'

/** What revocation needs to know of a certificate, beyond what Node.js tells. */
export interface CertificateFacts {
  /** The number that its issuer has given it, as DER has it. */
  readonly serial: Uint8Array
  /** The issuer's name: DER. */
  readonly issuer: Uint8Array
  /** The own name: DER. */
  readonly subject: Uint8Array
  /** The bits of the own key. */
  readonly key: Uint8Array
  /** Whether it may vouch for others. */
  readonly isAuthority: boolean
  /** Where to ask whether it is revoked (OCSP). */
  readonly responders: readonly string[]
  /** Where there are lists of revoked ones. */
  readonly lists: readonly string[]
}

const VERSION = 0xa0
const EXTENSIONS = 0xa3
const URI = 0x86
const DISTRIBUTION_POINT = 0xa0
const CRL_ISSUER = 0xa2
const ACCESS = '1.3.6.1.5.5.7.1.1'
const OCSP_ACCESS = '1.3.6.1.5.5.7.48.1'
const DISTRIBUTION_POINTS = '2.5.29.31'

const known = new WeakMap<X509Certificate, CertificateFacts>()

/** @throws {KeyStoreError} where a certificate is not what it should be */
export function factsOf(certificate: X509Certificate): CertificateFacts {
  const found = known.get(certificate)
  if (found !== undefined) return found
  const fields = Der.read(certificate.raw).child(0, Tag.SEQUENCE).children()
  if (fields[0]?.tag === VERSION) fields.shift()
  const [serial, , issuer, , subject, key] = fields as [Der, Der, Der, Der, Der, Der]
  const all = extensions(fields.find(({ tag }) => tag === EXTENSIONS))
  const facts = {
    serial: serial.content,
    issuer: issuer.encoded,
    subject: subject.encoded,
    key: bits(key.child(1)),
    isAuthority: certificate.ca,
    responders: responders(all.get(ACCESS)?.value),
    lists: lists(all.get(DISTRIBUTION_POINTS)?.value),
  }
  known.set(certificate, facts)
  return facts
}

export interface Extension {
  readonly critical: boolean
  readonly value: Uint8Array
}

const BOOLEAN = 1

/** Extensions by their ids. @param explicit the tag around their sequence; undefined: there are none */
export function extensions(explicit: Der | undefined): ReadonlyMap<string, Extension> {
  const all = new Map<string, Extension>()
  for (const extension of explicit?.child(0, Tag.SEQUENCE).children() ?? []) {
    const [id, ...more] = extension.children()
    const value = more.pop()
    if (id === undefined || value === undefined) continue
    all.set(id.objectId(), { critical: more[0]?.tag === BOOLEAN && more[0].content[0] !== 0, value: value.content })
  }
  return all
}

/** A BIT STRING of whole bytes. */
export const bits = (value: Der): Uint8Array => value.content.subarray(1)

const textOf = (uri: Der): string => Buffer.from(uri.content).toString('latin1')

function responders(access: Uint8Array | undefined): string[] {
  if (access === undefined) return []
  return Der.read(access)
    .children()
    .map((description) => description.children())
    .filter(([method, place]) => method?.objectId() === OCSP_ACCESS && place?.tag === URI)
    .map(([, place]) => textOf(place as Der))
}

/** Of lists that the issuer itself has signed. */
function lists(points: Uint8Array | undefined): string[] {
  if (points === undefined) return []
  return Der.read(points)
    .children()
    .map((point) => point.children())
    .filter((fields) => !fields.some(({ tag }) => tag === CRL_ISSUER))
    .flatMap((fields) => fields.filter(({ tag }) => tag === DISTRIBUTION_POINT))
    .flatMap((name) => name.child(0).children())
    .filter(({ tag }) => tag === URI)
    .map(textOf)
}
