import type { SaslExchange, SaslMechanism, SaslStep } from '@vivarium/client'
import { canonicalName } from '@vivarium/env/node'
import { Kerberos, type KerberosSection, type SaslInitiator } from '@vivarium/server'

/** How servers are called (SaslServerPrincipal.getServerPrincipal). */
export interface ServerPrincipal {
  /** All of it, whatever server it is; null: the service and the name of the server. */
  readonly whole: string | null
  readonly service: string
  /** Null: Kerberos's default one. */
  readonly realm: string | null
  /** Whether it is the name that a server's address has that counts, if it has one. */
  readonly canonical: boolean
}

/**
 * SASL GSSAPI for clients, by MIT's library and the package `koffi`, which are loaded when the first server is called.
 *
 * @param configFile of Kerberos; null: `/etc/krb5.conf`
 */
export function kerberosLogin(
  section: KerberosSection,
  principal: ServerPrincipal,
  configFile: string | null,
): SaslMechanism {
  let loading: Promise<(target: string) => SaslInitiator> | null = null
  const load = async (): Promise<(target: string) => SaslInitiator> => {
    if (configFile !== null) process.env.KRB5_CONFIG = configFile
    const kerberos = await Kerberos.load().catch((error: Error) => {
      const message = `Kerberos needs MIT's library (libgssapi-krb5-2) and the npm package koffi: ${error.message}`
      throw new Error(message, { cause: error })
    })
    return kerberos.initiator(section)
  }
  const begin = async (host: string): Promise<SaslInitiator> => {
    loading ??= load()
    return (await loading)(await principalOf(host, principal))
  }
  return { name: 'GSSAPI', start: ({ host }) => new KerberosExchange(() => begin(host)) }
}

class KerberosExchange implements SaslExchange {
  readonly #begin: () => Promise<SaslInitiator>
  #initiator: SaslInitiator | null = null

  constructor(begin: () => Promise<SaslInitiator>) {
    this.#begin = begin
  }

  async first(): Promise<Uint8Array> {
    const initiator = await this.#begin()
    this.#initiator = initiator
    return await this.#ending(() => initiator.first())
  }

  async respond(challenge: Uint8Array | null): Promise<SaslStep> {
    const initiator = this.#initiator as SaslInitiator
    const token = await this.#ending(() => initiator.respond(challenge ?? new Uint8Array(0)))
    if (token === null) initiator.dispose?.()
    return { token, done: token === null }
  }

  async #ending<T>(step: () => T | Promise<T>): Promise<T> {
    try {
      return await step()
    } catch (error) {
      this.#initiator?.dispose?.()
      throw error
    }
  }
}

/** Who the server at a name is to be. */
async function principalOf(host: string, { whole, service, realm, canonical }: ServerPrincipal): Promise<string> {
  const name = whole ?? `${service}/${canonical ? await canonicalName(host) : host}`
  return realm === null || name.includes('@') ? name : `${name}@${realm}`
}
