import { CLIENT_DIGEST_MD5, DigestMd5Client } from '@vivarium/protocol'
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
  readonly #client: DigestMd5Client

  constructor(options: DigestMd5Options, { random }: SaslContext) {
    const { protocol = CLIENT_DIGEST_MD5.protocol, serverName = CLIENT_DIGEST_MD5.serverName } = options
    this.#client = new DigestMd5Client(
      options,
      { protocol, serverName },
      Buffer.from(randomBytes(24, random)).toString('base64'),
    )
  }

  first(): null {
    return null
  }

  respond(challenge: Uint8Array | null): SaslStep {
    if (challenge === null) throw new Error('the server has no SASL configured')
    const token = this.#client.respond(challenge)
    return { token, done: token === null }
  }
}
