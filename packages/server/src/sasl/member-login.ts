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
  authorizes(user: string, authorizationId: string): boolean
  /** Begins an exchange with a server that is called, by its name; null: this server does not authenticate. */
  readonly call: ((host: string, random: Random) => SaslInitiator) | null
}

export interface MemberSections {
  readonly accepting: LoginSection
  readonly calling: LoginSection
  /** There, if one of the sections is about it. */
  readonly kerberos: Kerberos | null
  memberHosts(): Iterable<string>
}

/** @throws {StartError} or an error of the library's */
export function memberLogin(config: ServerConfig, sections: MemberSections): MemberLogin {
  const { accepting, calling, kerberos, memberHosts } = sections
  const call = !config.quorumLearnerRequiresSasl
    ? null
    : calling.mechanism === 'GSSAPI'
      ? callByKerberos(config, calling, kerberos as Kerberos)
      : callByDigest(config, calling)
  if (accepting.mechanism === 'GSSAPI') {
    const accept = (kerberos as Kerberos).acceptor(accepting)
    const authorizes = (user: string, authorizationId: string): boolean => {
      const [, host, realm, ...more] = user.split(/[/@]/)
      const named = host !== undefined && realm !== undefined && more.length === 0
      return named && user === authorizationId && new Set(memberHosts()).has(host)
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
  { quorumServicePrincipal }: ServerConfig,
  section: KerberosSection,
  kerberos: Kerberos,
): NonNullable<MemberLogin['call']> {
  const [, service] = HOST_PATTERN.exec(quorumServicePrincipal) ?? []
  const initiate = kerberos.initiator(section)
  // Without a realm it is that of who calls.
  const [, realm] = section.principal.split('@')
  return (host) => {
    const target = service === undefined ? quorumServicePrincipal : `${service}/${host.toLowerCase()}`
    return initiate(realm === undefined || target.includes('@') ? target : `${target}@${realm}`)
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
