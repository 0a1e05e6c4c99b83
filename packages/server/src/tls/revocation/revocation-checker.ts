import type { X509Certificate } from 'node:crypto'
import { KeyStoreError } from '../key-store-error.ts'
import { factsOf } from './certificate.ts'
import { ocspRequest, readOcspResponse } from './ocsp.ts'
import { RevocationList } from './revocation-list.ts'

/** What was found out holds for so long, and no longer than it says itself: thousands of clients may come back at once. */
const REMEMBERED_MS = 60_000
const MOST_REMEMBERED = 10_000
/** Longer than any chain that anybody uses. */
const LONGEST_PATH = 10
const LONGEST_ANSWER = 1 << 16
const LONGEST_LIST = 64 << 20

/** Asks for something by HTTP. Rejects with what went wrong. */
export type FetchBytes = (url: string, options: FetchOptions) => Promise<Uint8Array>

export interface FetchOptions {
  /** What to send along by POST; left out: GET. */
  readonly body?: { readonly type: string; readonly bytes: Uint8Array }
  /** An answer that is longer is refused. */
  readonly mostBytes: number
}

export interface RevocationOptions {
  /** Who is believed. What these are themselves is nobody's to revoke. */
  readonly trusted: readonly X509Certificate[]
  /** Lists that are there already: PEM. */
  readonly lists: readonly string[]
  /** Whether responders are asked, and lists only where these do not know. */
  readonly ocsp: boolean
  readonly fetch: FetchBytes
  readonly wallMs: () => number
}

interface Remembered<T> {
  readonly answer: Promise<T>
  untilMs: number
}

/**
 * Whether certificates were revoked, by lists (CRL) or by who can be asked (OCSP), for all of the path but its anchor. What
 * cannot be found out counts as revoked, as in Java (PKIXRevocationChecker without SOFT_FAIL).
 */
export class RevocationChecker {
  readonly #options: RevocationOptions
  readonly #lists: readonly RevocationList[]
  readonly #fetched = new Map<string, Remembered<RevocationList>>()
  readonly #answers = new Map<string, Remembered<boolean>>()

  /** @throws {KeyStoreError} if a list is none */
  constructor(options: RevocationOptions) {
    this.#options = options
    this.#lists = options.lists.map((text) => RevocationList.read(derOf(text)))
  }

  /**
   * Why a peer is not to be believed any more, although its certificate is valid; null: it is.
   *
   * @param presented what it has shown, its own certificate first
   */
  async problemWith(presented: readonly X509Certificate[]): Promise<string | null> {
    try {
      const path = pathOf(presented, this.#options.trusted)
      for (let i = 0; i < path.length - 1; i++) {
        const [certificate, issuer] = [path[i], path[i + 1]] as [X509Certificate, X509Certificate]
        if (await this.#isRevoked(certificate, issuer)) return `${nameOf(certificate)} was revoked`
      }
      return null
    } catch (error) {
      return `nobody can say whether its certificate was revoked: ${(error as Error).message}`
    }
  }

  async #isRevoked(certificate: X509Certificate, issuer: X509Certificate): Promise<boolean> {
    if (!this.#options.ocsp) return this.#isListed(certificate, issuer)
    try {
      return await this.#isAnsweredFor(certificate, issuer)
    } catch (unanswered) {
      try {
        return await this.#isListed(certificate, issuer)
      } catch (unlisted) {
        throw new Error(`${(unanswered as Error).message}; ${(unlisted as Error).message}`)
      }
    }
  }

  async #isAnsweredFor(certificate: X509Certificate, issuer: X509Certificate): Promise<boolean> {
    const { responders } = factsOf(certificate)
    const [responder] = responders
    if (responder === undefined) throw new Error(`${nameOf(certificate)} names no responder of OCSP`)
    const { fetch, wallMs } = this.#options
    return remembered(this.#answers, certificate.fingerprint256, wallMs(), async (holdsUntil) => {
      const body = { type: 'application/ocsp-request', bytes: ocspRequest(certificate, issuer) }
      const response = await fetch(responder, { body, mostBytes: LONGEST_ANSWER })
      const { revoked, untilMs } = readOcspResponse(response, certificate, issuer, wallMs())
      holdsUntil(untilMs)
      return revoked
    })
  }

  async #isListed(certificate: X509Certificate, issuer: X509Certificate): Promise<boolean> {
    const facts = factsOf(certificate)
    const nowMs = this.#options.wallMs()
    for (const list of this.#lists) if (list.covers(facts, issuer, nowMs)) return list.has(facts)
    let problem = `there is no list for ${nameOf(certificate)}`
    for (const url of facts.lists) {
      try {
        const list = await this.#fetchList(url)
        if (list.covers(facts, issuer, nowMs)) return list.has(facts)
        problem = `${url} has no list for ${nameOf(certificate)} that holds`
      } catch (error) {
        problem = `${url}: ${(error as Error).message}`
      }
    }
    throw new Error(problem)
  }

  #fetchList(url: string): Promise<RevocationList> {
    const { fetch, wallMs } = this.#options
    return remembered(this.#fetched, url, wallMs(), async (holdsUntil) => {
      const bytes = await fetch(url, { mostBytes: LONGEST_LIST })
      const list = RevocationList.read(bytes[0] === 0x30 ? bytes : derOf(Buffer.from(bytes).toString('latin1')))
      holdsUntil(list.nextUpdateMs)
      return list
    })
  }
}

/** Finds something out, unless that was done a moment ago, or is under way. What fails is tried again. */
function remembered<T>(
  known: Map<string, Remembered<T>>,
  key: string,
  nowMs: number,
  find: (holdsUntil: (untilMs: number) => void) => Promise<T>,
): Promise<T> {
  const found = known.get(key)
  if (found !== undefined && nowMs < found.untilMs) return found.answer
  if (known.size >= MOST_REMEMBERED) known.clear()
  const entry: { answer: Promise<T>; untilMs: number } = {
    answer: find((untilMs) => {
      entry.untilMs = Math.min(entry.untilMs, untilMs)
    }),
    untilMs: nowMs + REMEMBERED_MS,
  }
  known.set(key, entry)
  entry.answer.catch(() => known.delete(key))
  return entry.answer
}

/** From a peer's certificate to one that is believed, each signed by the next. @throws {Error} if there is none */
function pathOf(presented: readonly X509Certificate[], trusted: readonly X509Certificate[]): X509Certificate[] {
  const isTrusted = ({ fingerprint256 }: X509Certificate): boolean =>
    trusted.some((anchor) => anchor.fingerprint256 === fingerprint256)
  const path: X509Certificate[] = []
  for (let last = presented[0]; last !== undefined && path.length < LONGEST_PATH; ) {
    const certificate = last
    path.push(certificate)
    if (isTrusted(certificate)) return path
    last = [...trusted, ...presented].find(
      (issuer) => certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey),
    )
  }
  throw new Error('its chain leads to nobody who is believed')
}

const nameOf = ({ subject }: X509Certificate): string => subject.replaceAll('\n', ', ')

function derOf(pem: string): Uint8Array {
  const [, base64] = /-----BEGIN X509 CRL-----([\sA-Za-z0-9+/=]*)-----END/.exec(pem) ?? []
  if (base64 === undefined) throw new KeyStoreError('a list of revoked certificates that is none')
  return Buffer.from(base64, 'base64')
}
