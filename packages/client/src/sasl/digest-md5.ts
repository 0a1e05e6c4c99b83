import { createHash } from 'node:crypto'
import { randomBytes } from '../random.ts'
import type { SaslContext, SaslExchange, SaslMechanism, SaslStep } from './sasl-mechanism.ts'

export interface DigestMd5Options {
  readonly user: string
  readonly password: string
  /** Who to act as, if not as `user`. */
  readonly authorizationId?: string | undefined
  /** What servers take themselves for. Default `zookeeper`. */
  readonly protocol?: string | undefined
  /** Default `zk-sasl-md5`, as ZooKeeper's servers have it. */
  readonly serverName?: string | undefined
}

/**
 * SASL DIGEST-MD5 (RFC 2831), for servers with a `Server` section of DigestLoginModule in their JAAS configuration. It
 * hides the password from whoever listens, and proves to the client that the server knows it, too; it is no substitute
 * for TLS.
 *
 * @example
 * await ZooKeeper.connect('zk1', { sasl: digestMd5({ user: 'bob', password: process.env.ZK_PASSWORD ?? '' }) })
 */
export function digestMd5(options: DigestMd5Options): SaslMechanism {
  return { name: 'DIGEST-MD5', start: (context) => new DigestMd5Exchange(options, context) }
}

class DigestMd5Exchange implements SaslExchange {
  readonly #options: DigestMd5Options
  readonly #cnonce: string
  /** What the server has to answer to prove itself; null before. */
  #expected: string | null = null

  constructor(options: DigestMd5Options, { random }: SaslContext) {
    this.#options = options
    this.#cnonce = Buffer.from(randomBytes(24, random)).toString('base64')
  }

  first(): null {
    return null
  }

  respond(challenge: Uint8Array | null): SaslStep {
    if (challenge === null) throw new Error('the server has no SASL configured')
    const directives = parseDirectives(Buffer.from(challenge).toString('utf8'))
    if (this.#expected === null) return { token: this.#answer(directives), done: false }
    if (directives.get('rspauth') !== this.#expected) throw new Error('the server does not know the password')
    return { token: null, done: true }
  }

  #answer(directives: ReadonlyMap<string, string>): Uint8Array {
    const { user, password, authorizationId, protocol = 'zookeeper', serverName = 'zk-sasl-md5' } = this.#options
    const nonce = directives.get('nonce')
    if (nonce === undefined) throw new Error('the challenge has no nonce')
    if (directives.get('algorithm') !== 'md5-sess') throw new Error('the challenge is not of DIGEST-MD5')
    const qops = directives.get('qop')?.split(',') ?? ['auth']
    if (!qops.some((qop) => qop.trim() === 'auth')) throw new Error('the server asks for more than authentication')
    const realm = directives.get('realm') ?? ''
    const uri = `${protocol}/${serverName}`
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
