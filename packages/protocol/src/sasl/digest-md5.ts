import { createHash } from 'node:crypto'

/** Longer than any answer that a client has reason to give. */
const LONGEST_ANSWER = 4096

/** What servers take themselves for. Clients and servers have to agree: it is part of what is proved. */
export interface DigestMd5Service {
  /** `zookeeper`. */
  readonly protocol: string
  /** `zk-sasl-md5`; it is the realm, too. */
  readonly serverName: string
}

/** As ZooKeeper's servers have it for their clients. */
export const CLIENT_DIGEST_MD5: DigestMd5Service = { protocol: 'zookeeper', serverName: 'zk-sasl-md5' }

/** As they have it for each other. */
export const QUORUM_DIGEST_MD5: DigestMd5Service = { protocol: 'zookeeper-quorum', serverName: 'zk-quorum-sasl-md5' }

export interface DigestMd5Credentials {
  readonly user: string
  readonly password: string
  /** Who to act as, if not as `user`. */
  readonly authorizationId?: string | undefined
}

/** The client's side of an exchange in SASL DIGEST-MD5 (RFC 2831). The server speaks first. */
export class DigestMd5Client {
  readonly #credentials: DigestMd5Credentials
  readonly #service: DigestMd5Service
  readonly #cnonce: string
  /** What the server has to answer to prove itself; null before. */
  #expected: string | null = null

  /** @param cnonce what nobody can guess: base64 */
  constructor(credentials: DigestMd5Credentials, service: DigestMd5Service, cnonce: string) {
    this.#credentials = credentials
    this.#service = service
    this.#cnonce = cnonce
  }

  /** The answer to a challenge; null once the server has proved that it knows the password. Throws an Error if it fails to. */
  respond(challenge: Uint8Array): Uint8Array | null {
    const directives = parseDirectives(Buffer.from(challenge).toString('utf8'))
    if (this.#expected === null) return this.#answer(directives)
    if (directives.get('rspauth') !== this.#expected) throw new Error('the server does not know the password')
    return null
  }

  #answer(directives: ReadonlyMap<string, string>): Uint8Array {
    const { user, password, authorizationId } = this.#credentials
    const nonce = directives.get('nonce')
    if (nonce === undefined) throw new Error('the challenge has no nonce')
    if (directives.get('algorithm') !== 'md5-sess') throw new Error('the challenge is not of DIGEST-MD5')
    const qops = directives.get('qop')?.split(',') ?? ['auth']
    if (!qops.some((qop) => qop.trim() === 'auth')) throw new Error('the server asks for more than authentication')
    const realm = directives.get('realm') ?? ''
    const uri = uriOf(this.#service)
    const cnonce = this.#cnonce
    const proof = { user, realm, password, nonce, cnonce, uri, authorizationId }
    this.#expected = digestMd5Proof(proof, '')
    const fields = [
      ...(directives.has('charset') ? ['charset=utf-8'] : []),
      `username=${quoted(user)}`,
      `realm=${quoted(realm)}`,
      `nonce=${quoted(nonce)}`,
      'nc=00000001',
      `cnonce=${quoted(cnonce)}`,
      `digest-uri=${quoted(uri)}`,
      'maxbuf=65536',
      `response=${digestMd5Proof(proof, 'AUTHENTICATE')}`,
      'qop=auth',
      ...(authorizationId === undefined ? [] : [`authzid=${quoted(authorizationId)}`]),
    ]
    return Buffer.from(fields.join(','))
  }
}

/** What comes of what a client has said. */
export type DigestMd5Result =
  /** To be sent; there is more to come. */
  | { readonly type: 'challenge'; readonly token: Uint8Array }
  /** The client is `user`. The token proves that this server knows the password, too. */
  | {
      readonly type: 'authenticated'
      readonly token: Uint8Array
      readonly user: string
      readonly authorizationId: string
    }
  | { readonly type: 'failed'; readonly reason: string }

/** The server's side. It never throws: what a client sends wrong fails. */
export class DigestMd5Server {
  readonly #service: DigestMd5Service
  readonly #nonce: string
  readonly #passwordOf: (user: string) => string | undefined
  #state: 'new' | 'challenged' | 'over' = 'new'

  /** @param nonce what nobody can guess, and was never used before: base64 */
  constructor(service: DigestMd5Service, nonce: string, passwordOf: (user: string) => string | undefined) {
    this.#service = service
    this.#nonce = nonce
    this.#passwordOf = passwordOf
  }

  /** Takes a token of the client; the first is empty. */
  evaluate(token: Uint8Array): DigestMd5Result {
    if (this.#state === 'new') {
      if (token.length > 0) return this.#fail('the client speaks first, which DIGEST-MD5 does not have')
      this.#state = 'challenged'
      const realm = quoted(this.#service.serverName)
      const challenge = `realm=${realm},nonce=${quoted(this.#nonce)},charset=utf-8,algorithm=md5-sess`
      return { type: 'challenge', token: Buffer.from(challenge) }
    }
    if (this.#state === 'over') return this.#fail('the exchange is over')
    if (token.length > LONGEST_ANSWER) return this.#fail('an answer that is too long')
    return this.#check(parseDirectives(Buffer.from(token).toString('utf8')))
  }

  #check(directives: ReadonlyMap<string, string>): DigestMd5Result {
    const [user, cnonce, response] = ['username', 'cnonce', 'response'].map((name) => directives.get(name) ?? '')
    const authorizationId = directives.get('authzid')
    const realm = directives.get('realm') ?? ''
    const uri = uriOf(this.#service)
    if (!user || !cnonce || !response) return this.#fail('an answer that is not complete')
    if (directives.get('nonce') !== this.#nonce) return this.#fail('an answer to another challenge')
    if (realm !== this.#service.serverName && realm !== '') return this.#fail('an answer for another realm')
    if (directives.get('nc') !== '00000001') return this.#fail('an answer that is not the first')
    if ((directives.get('qop') ?? 'auth') !== 'auth') return this.#fail('more than authentication is asked for')
    if (directives.get('digest-uri')?.toLowerCase() !== uri) return this.#fail('an answer for another service')
    const password = this.#passwordOf(user)
    const sent = directives.get('digest-uri') as string
    const proof = { user, realm, password: password ?? '', nonce: this.#nonce, cnonce, uri: sent, authorizationId }
    const expected = digestMd5Proof(proof, 'AUTHENTICATE')
    // Who is not known takes as long, and hears the same, as who does not know the password.
    if (!sameText(expected, response) || password === undefined) {
      return this.#fail('the user is not known, or the password is wrong')
    }
    this.#state = 'over'
    const token = Buffer.from(`rspauth=${digestMd5Proof(proof, '')}`)
    return { type: 'authenticated', token, user, authorizationId: authorizationId || user }
  }

  #fail(reason: string): DigestMd5Result {
    this.#state = 'over'
    return { type: 'failed', reason }
  }
}

export interface DigestMd5Proof {
  readonly user: string
  readonly realm: string
  readonly password: string
  readonly nonce: string
  readonly cnonce: string
  readonly uri: string
  readonly authorizationId: string | undefined
}

/** What proves that one knows the password: the client's with the method AUTHENTICATE, the server's with an empty one. */
export function digestMd5Proof(of: DigestMd5Proof, method: 'AUTHENTICATE' | ''): string {
  const { user, realm, password, nonce, cnonce, uri, authorizationId } = of
  const secret = md5(inCharset(`${user}:${realm}:${password}`))
  const tail = authorizationId === undefined ? '' : `:${authorizationId}`
  const a1 = hex(Buffer.concat([secret, Buffer.from(`:${nonce}:${cnonce}${tail}`)]))
  return hex(`${a1}:${nonce}:00000001:${cnonce}:auth:${hex(`${method}:${uri}`)}`)
}

function uriOf({ protocol, serverName }: DigestMd5Service): string {
  return `${protocol}/${serverName}`
}

function md5(text: Uint8Array | string): Buffer {
  return createHash('md5').update(text).digest()
}

function hex(text: Uint8Array | string): string {
  return md5(text).toString('hex')
}

/** What fits into ISO 8859-1 is hashed in it, even where the rest of the exchange is in UTF-8 (RFC 2831, 2.1.2.1). */
function inCharset(text: string): Buffer {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range is all of ISO 8859-1.
  return Buffer.from(text, /^[\u0000-\u00ff]*$/.test(text) ? 'latin1' : 'utf8')
}

/** In a time that does not tell how much of it is the same. */
function sameText(one: string, other: string): boolean {
  let difference = one.length ^ other.length
  for (let i = 0; i < one.length; i++) difference |= one.charCodeAt(i) ^ other.charCodeAt(i)
  return difference === 0
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`
}

/** `key=value,key="quoted \"value\""` */
function parseDirectives(text: string): Map<string, string> {
  const directives = new Map<string, string>()
  for (const [, key, quotedValue, value] of text.matchAll(/([\w-]+)=(?:"((?:[^"\\]|\\.)*)"|([^,\s]*))/g)) {
    const unquoted = quotedValue?.replace(/\\(.)/g, '$1')
    directives.set((key as string).toLowerCase(), unquoted ?? (value as string))
  }
  return directives
}
