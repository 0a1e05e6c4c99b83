import type { SaslContext, SaslExchange, SaslMechanism, SaslStep } from './sasl-mechanism.ts'

/** What is used of the npm package `kerberos`. It is not installed with this client: whoever needs it brings it. */
export interface KerberosPackage {
  initializeClient(service: string, options: { readonly principal?: string }): Promise<KerberosExchange>
}

/** Its `KerberosClient`. Tokens are in base64. */
export interface KerberosExchange {
  readonly contextComplete: boolean
  step(challenge: string): Promise<string | null>
  unwrap(challenge: string): Promise<string>
  wrap(challenge: string, options: { readonly user: string }): Promise<string>
}

export interface GssapiOptions {
  /** The service in the servers' principals. Default `zookeeper`. */
  readonly service?: string | undefined
  /** The host in the server's principal, if it is not the one that is connected to. */
  readonly host?: string | undefined
  /** Which of one's own principals to use: `alice@EXAMPLE.COM`. Default: the one that tickets are there for. */
  readonly principal?: string | undefined
  /** Who to act as, if not as oneself. */
  readonly authorizationId?: string | undefined
}

/** Of what a server offers for the time after the exchange: nothing but authentication (RFC 4752, 3.1). */
const NO_LAYER = 1

/**
 * SASL GSSAPI (RFC 4752), that is Kerberos, for servers with a `Server` section of Krb5LoginModule in their JAAS
 * configuration. Tickets are those of `kinit`, or are got with the keys of the file that the environment variable
 * `KRB5_CLIENT_KTNAME` names. Server and client prove to each other who they are.
 *
 * @param kerberos the npm package of that name
 * @example
 * import kerberos from 'kerberos'
 * await ZooKeeper.connect('zk1.example.com', { sasl: gssapi(kerberos) })
 */
export function gssapi(kerberos: KerberosPackage, options: GssapiOptions = {}): SaslMechanism {
  return { name: 'GSSAPI', start: (context) => new GssapiExchange(kerberos, options, context) }
}

class GssapiExchange implements SaslExchange {
  readonly #kerberos: KerberosPackage
  readonly #options: GssapiOptions
  readonly #host: string
  #client: KerberosExchange | null = null

  constructor(kerberos: KerberosPackage, options: GssapiOptions, { host }: SaslContext) {
    this.#kerberos = kerberos
    this.#options = options
    this.#host = options.host ?? host
  }

  async first(): Promise<Uint8Array> {
    const { service = 'zookeeper', principal } = this.#options
    const client = await this.#kerberos.initializeClient(
      `${service}@${this.#host}`,
      principal === undefined ? {} : { principal },
    )
    this.#client = client
    return bytesOf(await client.step(''))
  }

  async respond(challenge: Uint8Array | null): Promise<SaslStep> {
    const client = this.#client
    if (challenge === null || client === null) throw new Error('the server has no SASL configured')
    const sent = Buffer.from(challenge).toString('base64')
    if (!client.contextComplete) return { token: bytesOf(await client.step(sent)), done: false }
    const offer = await client.unwrap(sent)
    if (((bytesOf(offer)[0] ?? 0) & NO_LAYER) === 0) throw new Error('the server asks for more than authentication')
    const { authorizationId = '' } = this.#options
    return { token: bytesOf(await client.wrap(offer, { user: authorizationId })), done: true }
  }
}

const bytesOf = (base64: string | null): Uint8Array => Buffer.from(base64 ?? '', 'base64')
