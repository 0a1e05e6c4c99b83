import { createHash, X509Certificate } from 'node:crypto'
import { Der, Tag } from '../der.ts'
import { KeyStoreError } from '../key-store-error.ts'
import { bits, factsOf } from './certificate.ts'
import { isCurrent, isSigned, timeOf } from './signed.ts'

const BASIC = '1.3.6.1.5.5.7.48.1.1'
/** What a certificate has to be for, if others than the issuer are to answer. */
const OCSP_SIGNING = '1.3.6.1.5.5.7.3.9'
const SUCCESSFUL = 0
const BY_NAME = 0xa1
const BY_KEY = 0xa2
const VERSION = 0xa0
const GOOD = 0x80
const REVOKED = 0xa1
const NEXT_UPDATE = 0xa0
/** SHA-1, for which everybody asks; it hides nothing, and proves nothing. */
const SHA1 = Buffer.from('300906052b0e03021a0500', 'hex')

/** What a responder says of a certificate, and until when. */
export interface OcspAnswer {
  readonly revoked: boolean
  readonly untilMs: number
}

/** What is asked of a responder, without a nonce: answers may have been made beforehand (RFC 6960, 4.1). */
export function ocspRequest(certificate: X509Certificate, issuer: X509Certificate): Uint8Array {
  return sequence(sequence(sequence(sequence(certId(certificate, issuer)))))
}

/**
 * Reads what a responder has answered.
 *
 * @throws {KeyStoreError} if it says nothing of the certificate, or nothing that can be believed
 */
export function readOcspResponse(
  response: Uint8Array,
  certificate: X509Certificate,
  issuer: X509Certificate,
  nowMs: number,
): OcspAnswer {
  const [status, explicit] = Der.read(response).children()
  if (status?.content[0] !== SUCCESSFUL || explicit === undefined) {
    throw new KeyStoreError(`the responder answers with status ${status?.content[0]}`)
  }
  const [kind, encoded] = explicit.child(0).children()
  if (kind?.objectId() !== BASIC || encoded === undefined) throw new KeyStoreError('the answer is of another kind')
  const [content, algorithm, signature, certificates] = Der.read(encoded.content).children() as [Der, Der, Der, Der?]
  const fields = content.children()
  if (fields[0]?.tag === VERSION) fields.shift()
  const [responder, , responses] = fields as [Der, Der, Der]
  const signer = signerOf(responder, certificates, issuer, nowMs)
  if (!isSigned(content, algorithm, bits(signature), signer.publicKey)) {
    throw new KeyStoreError('the answer is not signed by who may')
  }
  const wanted = certId(certificate, issuer)
  for (const single of responses.children()) {
    const [id, state, thisUpdate, ...more] = single.children() as [Der, Der, Der, ...Der[]]
    if (!sameCertificate(id, wanted)) continue
    const thisUpdateMs = timeOf(thisUpdate)
    const next = more.find(({ tag }) => tag === NEXT_UPDATE)
    // Without, there is always something newer to be had: it is good for the moment.
    const untilMs = next === undefined ? thisUpdateMs : timeOf(next.child(0))
    if (!isCurrent(thisUpdateMs, untilMs, nowMs)) throw new KeyStoreError('the answer is not of today')
    if (state.tag !== GOOD && state.tag !== REVOKED) throw new KeyStoreError('the responder does not know it')
    return { revoked: state.tag === REVOKED, untilMs }
  }
  throw new KeyStoreError('the answer is about something else')
}

/** Who has answered: the issuer, or who has a certificate of the issuer's for it. */
function signerOf(
  responder: Der,
  certificates: Der | undefined,
  issuer: X509Certificate,
  nowMs: number,
): X509Certificate {
  const isResponder = (candidate: X509Certificate): boolean => {
    const { subject, key } = factsOf(candidate)
    const own = responder.tag === BY_NAME ? subject : sha1(key)
    const named = responder.tag === BY_KEY ? responder.child(0, Tag.OCTET_STRING).content : responder.child(0).encoded
    return Buffer.compare(own, named) === 0
  }
  if (isResponder(issuer)) return issuer
  for (const { encoded } of certificates?.child(0, Tag.SEQUENCE).children() ?? []) {
    const candidate = new X509Certificate(encoded)
    if (!isResponder(candidate)) continue
    const current = Date.parse(candidate.validFrom) <= nowMs && nowMs <= Date.parse(candidate.validTo)
    const delegated = candidate.checkIssued(issuer) && candidate.verify(issuer.publicKey)
    if (current && delegated && (candidate.keyUsage ?? []).includes(OCSP_SIGNING)) return candidate
  }
  throw new KeyStoreError('the answer is by nobody who may answer')
}

function certId(certificate: X509Certificate, issuer: X509Certificate): Uint8Array {
  const { subject, key } = factsOf(issuer)
  const { serial } = factsOf(certificate)
  return sequence(
    SHA1,
    value(Tag.OCTET_STRING, sha1(subject)),
    value(Tag.OCTET_STRING, sha1(key)),
    value(Tag.INTEGER, serial),
  )
}

/** The parameters of the hash may be there or not. */
function sameCertificate(id: Der, wanted: Uint8Array): boolean {
  const [algorithm, ...rest] = id.children()
  const [own, ...others] = Der.read(wanted).children()
  return (
    algorithm?.child(0).objectId() === own?.child(0).objectId() &&
    rest.length === others.length &&
    rest.every(({ encoded }, i) => Buffer.compare(encoded, (others[i] as Der).encoded) === 0)
  )
}

const sha1 = (bytes: Uint8Array): Uint8Array => createHash('sha1').update(bytes).digest()

const sequence = (...parts: readonly Uint8Array[]): Uint8Array => value(Tag.SEQUENCE, ...parts)

/** A value of DER: a tag, how long it is, and what it is. */
function value(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(parts)
  const { length } = content
  const head =
    length < 0x80 ? [tag, length] : length < 0x100 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 0xff]
  return Buffer.concat([Uint8Array.from(head), content])
}
