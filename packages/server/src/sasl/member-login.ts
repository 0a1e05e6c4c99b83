import type { Random } from '@vivarium/env'
import { DigestMd5Client, DigestMd5Server, QUORUM_DIGEST_MD5 } from '@vivarium/protocol'
import type { ServerConfig } from '../config/server-config.ts'
import { StartError } from '../start-error.ts'
import type { DigestSection } from './digest-users.ts'
import type { SaslAcceptor, SaslInitiator } from './exchange.ts'
import type { Kerberos } from './kerberos/kerberos.ts'
import type { KerberosSection } from './kerberos/kerberos-section.ts'
import type { LoginSection } from './login-section.ts'
import { nonce } from './nonce.ts'

/** In a principal: the name of the server that is called (SecurityUtils.getServerPrincipal). */
const HOST_PATTERN = /^([^/]*)\/_HOST$/

/** How the members of an ensemble authenticate to each other. */
export interface MemberLogin {
  /** Begins an exchange with a server that calls. */
  accept(random: Random): SaslAcceptor
  /** Whether who has authenticated as one may act as the other, and is a member. */
  authorizes(user: string, authorizationId: string): boolean | Promise<boolean>
  /** Begins an exchange with a server that is called, by its name; null: this server does not authenticate. */
  readonly call: ((host: string, random: Random) => SaslInitiator) | null
}

export interface MemberSections {
  readonly accepting: LoginSection
  readonly calling: LoginSection
  /** There, if one of the sections is about it. */
  readonly kerberos: Kerberos | null
  memberHosts(): Iterable<string>
  /** What a host is called by the address it has; never rejects. Asked if `kerberos.canonicalizeHostNames` is set. */
  canonicalName(host: string): Promise<string>
}

/** `service/host@REALM`, whole: whoever has fewer parts, or one with a separator in it, is no member (CVE-2023-44981). */
const MEMBER = /^[^/@\\]+\/([^/@\\]+)@[^/@\\]+$/

/** @throws {StartError} or an error of the library's */
export function memberLogin(config: ServerConfig, sections: MemberSections): MemberLogin {
  const { accepting, calling, kerberos, memberHosts, canonicalName } = sections
  const call = !config.quorumLearnerRequiresSasl
    ? null
    : calling.mechanism === 'GSSAPI'
      ? callByKerberos(config, calling, kerberos as Kerberos, canonicalName)
      : callByDigest(config, calling)
  if (accepting.mechanism === 'GSSAPI') {
    const accept = (kerberos as Kerberos).acceptor(accepting)
    const authorizes = (user: string, authorizationId: string): boolean | Promise<boolean> => {
      const host = MEMBER.exec(user)?.[1]
      if (host === undefined || user !== authorizationId) return false
      const hosts = [...memberHosts()]
      if (!config.kerberosCanonicalizeHosts) return hosts.includes(host)
      return Promise.all(hosts.map(canonicalName)).then((names) => names.includes(host))
    }
    return { accept, authorizes, call }
  }
  const { users } = accepting
  return {
    accept: (random) => new DigestMd5Server(QUORUM_DIGEST_MD5, nonce(random), (user) => users.get(user)),
    authorizes: (user, authorizationId) => user === authorizationId,
    call,
  }
}

function callByKerberos(
  { quorumServicePrincipal, kerberosCanonicalizeHosts }: ServerConfig,
  section: KerberosSection,
  kerberos: Kerberos,
  canonicalName: MemberSections['canonicalName'],
): NonNullable<MemberLogin['call']> {
  const [, service] = HOST_PATTERN.exec(quorumServicePrincipal) ?? []
  const initiate = kerberos.initiator(section)
  // Without a realm it is that of who calls.
  const [, realm] = section.principal.split('@')
  const call = (host: string): SaslInitiator => {
    const target = service === undefined ? quorumServicePrincipal : `${service}/${host.toLowerCase()}`
    return initiate(realm === undefined || target.includes('@') ? target : `${target}@${realm}`)
  }
  if (service === undefined || !kerberosCanonicalizeHosts) return call
  return (host) => new LateInitiator(async () => call(await canonicalName(host)))
}

/** An exchange that begins once it is known with whom. */
class LateInitiator implements SaslInitiator {
  readonly #begin: () => Promise<SaslInitiator>
  #exchange: SaslInitiator | null = null
  #over = false

  constructor(begin: () => Promise<SaslInitiator>) {
    this.#begin = begin
  }

  async first(): Promise<Uint8Array> {
    const exchange = await this.#begin()
    if (this.#over) {
      exchange.dispose?.()
      throw new Error('the connection has ended')
    }
    this.#exchange = exchange
    return exchange.first()
  }

  respond(token: Uint8Array): Uint8Array | null | Promise<Uint8Array | null> {
    return (this.#exchange as SaslInitiator).respond(token)
  }

  dispose(): void {
    this.#over = true
    this.#exchange?.dispose?.()
  }
}

function callByDigest({ quorumSaslLearnerSection, jaasFile, fipsMode }: ServerConfig, { self }: DigestSection) {
  if (self === null) {
    throw new StartError('CONFIG', `${jaasFile}: ${quorumSaslLearnerSection} needs username and password`)
  }
  if (fipsMode) {
    // As Apache's learners do, rather than find out at the first connection.
    throw new StartError('CONFIG', 'quorum.auth.learnerRequireSasl means DIGEST-MD5, which needs fips-mode=false')
  }
  return (_host: string, random: Random): SaslInitiator => {
    const client = new DigestMd5Client(self, QUORUM_DIGEST_MD5, nonce(random))
    return { first: () => new Uint8Array(0), respond: (token) => client.respond(token) }
  }
}
