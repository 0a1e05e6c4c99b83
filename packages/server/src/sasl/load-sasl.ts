import { saslProvider } from '@vivarium/core'
import type { Disk, Random } from '@vivarium/env'
import { CLIENT_DIGEST_MD5, DigestMd5Server } from '@vivarium/protocol'
import type { ServerConfig } from '../config/server-config.ts'
import { StartError } from '../start-error.ts'
import { authorizationId } from './authorization-id.ts'
import { type DigestSection, digestSection } from './digest-users.ts'
import { type JaasFile, parseJaas } from './jaas-file.ts'

/** Larger than any that is one. */
const LARGEST_BYTES = 1 << 20
const NONCE_WORDS = 8

/** What sections of the JAAS file say, as far as they are asked for. */
export interface SaslSections {
  /** How clients may authenticate; null: they cannot. */
  readonly clients: DigestSection | null
  /** How members do so; null: they do not. */
  readonly members: { readonly users: DigestSection['users']; readonly self: DigestSection['self'] } | null
}

/**
 * Reads `java.security.auth.login.config`.
 *
 * @throws {StartError} if it cannot be read, or lacks what the configuration asks for
 */
export async function loadSasl(config: ServerConfig, disk: Disk): Promise<SaslSections> {
  const path = config.jaasFile
  const file = path === null ? new Map() : await readJaas(path, disk)
  const section = (name: string): DigestSection | null => {
    const found = digestSection(file, name)
    if (typeof found === 'string') throw new StartError('CONFIG', `${path}: ${found}`)
    return found
  }
  const wanted = (key: string, name: string): DigestSection => {
    const found = section(name)
    if (found === null) throw new StartError('CONFIG', `${key} needs a section ${name} in ${describe(path)}`)
    return found
  }
  const clients = section(config.saslServerSection)
  if (config.ensemble === null || !config.quorumSaslEnabled) return { clients, members: null }
  const { users } = wanted('quorum.auth.enableSasl', config.quorumSaslServerSection)
  const { self } = wanted('quorum.auth.enableSasl', config.quorumSaslLearnerSection)
  if (config.quorumLearnerRequiresSasl) {
    if (self === null) {
      throw new StartError('CONFIG', `${path}: ${config.quorumSaslLearnerSection} needs username and password`)
    }
    if (config.fipsMode) {
      // As Apache's learners do, rather than find out at the first connection.
      throw new StartError('CONFIG', 'quorum.auth.learnerRequireSasl means DIGEST-MD5, which needs fips-mode=false')
    }
  }
  return { clients, members: { users, self } }
}

/** How clients of a server authenticate by SASL. */
export interface ClientSasl {
  /** Begins an exchange; null: the server offers no mechanism. */
  readonly start: (() => DigestMd5Server) | null
  /** The identities of who has authenticated as `user`, acting as `actingAs`. */
  identities(user: string): ReturnType<NonNullable<ReturnType<typeof saslProvider>['established']>>
  /** Clients whose exchange fails stay (`allowSaslFailedClients`). */
  readonly allowFailed: boolean
  /** SASL is one of the ways that clients have to authenticate. */
  readonly required: boolean
}

export function clientSasl(config: ServerConfig, section: DigestSection | null, random: Random): ClientSasl {
  const provider = saslProvider(config.letAnySaslUserDo, config.saslSuperUsers)
  const rules = { removeHost: config.kerberosRemoveHost, removeRealm: config.kerberosRemoveRealm }
  const passwordOf = (user: string): string | undefined => {
    const password = section?.users.get(user)
    // Whoever is not in the file is not let in by the other password, either (SaslServerCallbackHandler).
    return user === 'super' && password !== undefined ? (config.saslSuperPassword ?? password) : password
  }
  return {
    start: section === null ? null : () => new DigestMd5Server(CLIENT_DIGEST_MD5, nonce(random), passwordOf),
    identities: (user) => provider.established?.(authorizationId(user, rules)) ?? [],
    allowFailed: config.allowSaslFailedClients,
    required: config.requiredSchemes?.includes('sasl') ?? false,
  }
}

/** What was never used before, and nobody can guess. */
export function nonce(random: Random): string {
  return Buffer.from(Uint32Array.from({ length: NONCE_WORDS }, () => random.uint32()).buffer).toString('base64')
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

function describe(path: string | null): string {
  return path ?? 'a JAAS file (java.security.auth.login.config)'
}
