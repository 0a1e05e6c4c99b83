import type { X509Certificate } from 'node:crypto'
import { Der, Tag } from '../der.ts'
import { KeyStoreError } from '../key-store-error.ts'
import { bits, type CertificateFacts, extensions, factsOf } from './certificate.ts'
import { isCurrent, isSigned, isTime, timeOf } from './signed.ts'

const EXTENSIONS = 0xa0
const ISSUING_DISTRIBUTION_POINT = '2.5.29.28'
/** Fields of an issuing distribution point: which certificates the list is about. */
const ONLY_USERS = 0x81
const ONLY_AUTHORITIES = 0x82
const ONLY_REASONS = 0x83
const NAME = 0xa0
const TRUE = 0xff

/** A list of revoked certificates (RFC 5280, 5), whole and signed by who has issued them. */
export class RevocationList {
  /** The name of who has signed it: DER. */
  readonly issuer: Uint8Array
  readonly nextUpdateMs: number
  readonly #thisUpdateMs: number
  readonly #revoked: ReadonlySet<string>
  readonly #content: Der
  readonly #algorithm: Der
  readonly #signature: Uint8Array
  readonly #about: 'all' | 'users' | 'authorities'

  private constructor(encoded: Uint8Array) {
    const [content, algorithm, signature] = Der.read(encoded).children() as [Der, Der, Der]
    this.#content = content
    this.#algorithm = algorithm
    this.#signature = bits(signature)
    const fields = content.children()
    if (fields[0]?.tag === Tag.INTEGER) fields.shift()
    const [, issuer, thisUpdate, nextUpdate] = fields as [Der, Der, Der, Der]
    // One that says nothing of the next could be kept from being followed by it.
    if (!isTime(nextUpdate))
      throw new KeyStoreError('a list of revoked certificates that does not say until when it holds')
    this.issuer = issuer.encoded
    this.#thisUpdateMs = timeOf(thisUpdate)
    this.nextUpdateMs = timeOf(nextUpdate)
    const entries = fields.slice(4).find(({ tag }) => tag === Tag.SEQUENCE)
    this.#revoked = new Set(entries?.children().map((entry) => serialText(entry.child(0, Tag.INTEGER).content)))
    this.#about = coverage(fields.slice(4).find(({ tag }) => tag === EXTENSIONS))
  }

  /** @param encoded DER @throws {KeyStoreError} if it is none, or one of a kind that is not understood */
  static read(encoded: Uint8Array): RevocationList {
    try {
      return new RevocationList(encoded)
    } catch (error) {
      if (error instanceof KeyStoreError) throw error
      throw new KeyStoreError('a list of revoked certificates that is none', { cause: error })
    }
  }

  /** Whether it can say anything of a certificate, now. */
  covers(facts: CertificateFacts, issuer: X509Certificate, nowMs: number): boolean {
    const about = this.#about === 'all' || (this.#about === 'authorities') === facts.isAuthority
    return (
      about &&
      isCurrent(this.#thisUpdateMs, this.nextUpdateMs, nowMs) &&
      Buffer.compare(this.issuer, facts.issuer) === 0 &&
      Buffer.compare(this.issuer, factsOf(issuer).subject) === 0 &&
      isSigned(this.#content, this.#algorithm, this.#signature, issuer.publicKey)
    )
  }

  has({ serial }: CertificateFacts): boolean {
    return this.#revoked.has(serialText(serial))
  }
}

const serialText = (serial: Uint8Array): string => Buffer.from(serial).toString('hex')

/** @throws {KeyStoreError} where it is only a part, or there is something critical that is not understood */
function coverage(explicit: Der | undefined): 'all' | 'users' | 'authorities' {
  let about: 'all' | 'users' | 'authorities' = 'all'
  for (const [id, { critical, value }] of extensions(explicit)) {
    if (id !== ISSUING_DISTRIBUTION_POINT) {
      if (critical) throw new KeyStoreError(`a list of revoked certificates with the critical extension ${id}`)
      continue
    }
    for (const { tag, content } of Der.read(value).children()) {
      if (tag === NAME || (tag !== ONLY_REASONS && content[0] !== TRUE)) continue
      if (tag === ONLY_USERS) about = 'users'
      else if (tag === ONLY_AUTHORITIES) about = 'authorities'
      else throw new KeyStoreError('a list of revoked certificates that has only some of them')
    }
  }
  return about
}
