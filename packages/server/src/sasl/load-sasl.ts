import { saslProvider } from '@vivarium/core'
import type { Disk, Random } from '@vivarium/env'
import { canonicalName } from '@vivarium/env/node'
import { CLIENT_DIGEST_MD5, DigestMd5Server } from '@vivarium/protocol'
import type { ServerConfig } from '../config/server-config.ts'
import { StartError } from '../start-error.ts'
import { parseAuthToLocal } from './auth-to-local.ts'
import { authorizationId } from './authorization-id.ts'
import type { SaslAcceptor } from './exchange.ts'
import { type JaasFile, parseJaas } from './jaas-file.ts'
import { Kerberos } from './kerberos/kerberos.ts'
import { type LoginSection, loginSection } from './login-section.ts'
import { type MemberLogin, memberLogin } from './member-login.ts'
import { nonce } from './nonce.ts'

/** Larger than any that is one. */
const LARGEST_BYTES = 1 << 20

/** What sections of the JAAS file say, as far as they are asked for. */
export interface SaslSections {
  /** How clients may authenticate; null: they cannot. */
  readonly clients: ClientLogin | null
  /** How members do so; null: they do not. */
  readonly members: MemberLogin | null
}

export interface ClientLogin {
  /** Begins an exchange. */
  start(random: Random): SaslAcceptor
  /** See {@link AuthorizationRules}. */
  readonly realm: string | null
}

/**
 * Reads `java.security.auth.login.config`.
 *
 * @param memberHosts the names and addresses of the members at present, as they are configured
 * @throws {StartError} if it cannot be read, or lacks what the configuration asks for
 */
export async function loadSasl(
  config: ServerConfig,
  disk: Disk,
  memberHosts: () => Iterable<string>,
): Promise<SaslSections> {
  const path = config.jaasFile
  const file = path === null ? new Map() : await readJaas(path, disk)
  const section = (name: string): LoginSection | null => {
    const found = loginSection(file, name)
    if (typeof found === 'string') throw new StartError('CONFIG', `${path}: ${found}`)
    return found
  }
  const wanted = (name: string): LoginSection => {
    const found = section(name)
    if (found !== null) return found
    const where = path ?? 'a JAAS file (java.security.auth.login.config)'
    throw new StartError('CONFIG', `quorum.auth.enableSasl needs a section ${name} in ${where}`)
  }
  const clients = section(config.saslServerSection)
  const ensemble = config.ensemble !== null && config.quorumSaslEnabled
  const accepting = ensemble ? wanted(config.quorumSaslServerSection) : null
  const calling = ensemble ? wanted(config.quorumSaslLearnerSection) : null
  const needsKerberos = [clients, accepting, calling].some((found) => found?.mechanism === 'GSSAPI')
  const kerberos = needsKerberos || config.kerberosConfigRequired ? await loadKerberos(config) : null
  try {
    return {
      clients: clients === null ? null : clientLogin(config, clients, kerberos),
      members:
        accepting === null || calling === null
          ? null
          : memberLogin(config, { accepting, calling, kerberos, memberHosts, canonicalName }),
    }
  } catch (error) {
    if (error instanceof StartError) throw error
    throw new StartError('CONFIG', `${path}: ${(error as Error).message}`, { cause: error })
  }
}

function clientLogin(config: ServerConfig, section: LoginSection, kerberos: Kerberos | null): ClientLogin {
  if (section.mechanism === 'GSSAPI') {
    const { defaultRealm: realm } = kerberos as Kerberos
    return { start: (kerberos as Kerberos).acceptor(section), realm }
  }
  const passwordOf = (user: string): string | undefined => {
    const password = section.users.get(user)
    // Whoever is not in the file is not let in by the other password, either (SaslServerCallbackHandler).
    return user === 'super' && password !== undefined ? (config.saslSuperPassword ?? password) : password
  }
  return { start: (random) => new DigestMd5Server(CLIENT_DIGEST_MD5, nonce(random), passwordOf), realm: null }
}

/** Kerberos is the library's of this machine, and its configuration too. */
async function loadKerberos({ kerberosConfigFile, kerberosConfigRequired }: ServerConfig): Promise<Kerberos> {
  if (kerberosConfigFile !== null) process.env.KRB5_CONFIG = kerberosConfigFile
  let kerberos: Kerberos
  try {
    kerberos = await Kerberos.load()
  } catch (error) {
    const wanted = kerberosConfigRequired ? 'requireKerberosConfig' : 'Krb5LoginModule'
    const message = `${wanted} needs MIT's Kerberos (libgssapi-krb5-2) and the npm package koffi: ${(error as Error).message}`
    throw new StartError('CONFIG', message, { cause: error })
  }
  if (!kerberosConfigRequired || kerberos.defaultRealm !== '') return kerberos
  // Java finds out when the first client has authenticated (KerberosName).
  const file = process.env.KRB5_CONFIG ?? '/etc/krb5.conf'
  throw new StartError('CONFIG', `requireKerberosConfig: ${file} is missing, or has no default_realm`)
}

/** How clients of a server authenticate by SASL. */
export interface ClientSasl {
  /** Begins an exchange; null: the server offers no mechanism. */
  readonly start: (() => SaslAcceptor) | null
  /** The identities of who has authenticated as `user`, acting as `actingAs`. */
  identities(user: string): ReturnType<NonNullable<ReturnType<typeof saslProvider>['established']>>
  /** Clients whose exchange fails stay (`allowSaslFailedClients`). */
  readonly allowFailed: boolean
  /** SASL is one of the ways that clients have to authenticate. */
  readonly required: boolean
}

export function clientSasl(config: ServerConfig, login: ClientLogin | null, random: Random): ClientSasl {
  const provider = saslProvider(config.letAnySaslUserDo, config.saslSuperUsers)
  const { kerberosRemoveHost: removeHost, kerberosRemoveRealm: removeRealm } = config
  const toLocal = parseAuthToLocal(config.kerberosAuthToLocal) ?? []
  const rules = { removeHost, removeRealm, realm: login?.realm ?? null, toLocal }
  return {
    start: login === null ? null : () => login.start(random),
    identities: (user) => provider.established?.(authorizationId(user, rules)) ?? [],
    allowFailed: config.allowSaslFailedClients,
    required: config.requiredSchemes?.includes('sasl') ?? false,
  }
}

async function readJaas(path: string, disk: Disk): Promise<JaasFile> {
  let text: string
  try {
    const file = await disk.open(path, 'read')
    try {
      text = Buffer.from(await file.read(0, LARGEST_BYTES)).toString('utf8')
    } finally {
      await file.close()
    }
  } catch (error) {
    const message = `java.security.auth.login.config=${path} cannot be read: ${(error as Error).message}`
    throw new StartError('CONFIG', message, { cause: error })
  }
  const parsed = parseJaas(text)
  if (typeof parsed === 'string') throw new StartError('CONFIG', `${path}: ${parsed}`)
  return parsed
}
