import { getHashes } from 'node:crypto'
import {
  AccessControl,
  type AuthProvider,
  authProviders,
  digestProvider,
  type EnsembleAuthCounts,
  ensembleProvider,
  ipProvider,
  saslProvider,
  x509Provider,
} from '@vivarium/core'
import type { ServerConfig } from '../config/server-config.ts'
import { StartError } from '../start-error.ts'

/** The schemes by which clients may say who they are, as configured. */
export function createAccess(
  config: ServerConfig,
  ensembleCounts: EnsembleAuthCounts,
  others: readonly AuthProvider[] = [],
): AccessControl {
  const providers: AuthProvider[] = [...others, ipProvider]
  if (config.digestAuthEnabled) {
    const algorithm = nodeHash(config.digestAuthAlgorithm)
    providers.push(digestProvider({ algorithm, superDigest: config.superDigest }))
  }
  if (config.x509AuthEnabled || offersTls(config)) providers.push(x509Provider(config.x509SuperUser))
  if (config.saslAuthEnabled) providers.push(saslProvider(config.letAnySaslUserDo, config.saslSuperUsers))
  if (config.ensembleAuthEnabled) providers.push(ensembleProvider(config.ensembleAuthName, ensembleCounts))
  if (config.requiredSchemes !== null) checkRequiredSchemes(config.requiredSchemes, providers)
  return new AccessControl(authProviders(...providers), config.skipAcl)
}

/** Whether clients may encrypt their connections. */
export function offersTls({ secureClientPort, clientPortUnification }: ServerConfig): boolean {
  return secureClientPort !== null || clientPortUnification
}

/**
 * Node's name for what Java calls `SHA`, `SHA-1`, `SHA1`, `SHA-256`, `SHA-512/256` …, whose first hyphen Node leaves out but for
 * SHA-3.
 */
function nodeHash(name: string): string {
  const wanted = name.toLowerCase() === 'sha' ? 'sha1' : name.toLowerCase().replace('/', '-')
  const known = getHashes().find(
    (hash) => hash.toLowerCase() === wanted || hash.toLowerCase() === wanted.replace('-', ''),
  )
  if (known === undefined) {
    throw new StartError(
      'CONFIG',
      `DigestAuthenticationProvider.digestAlg=${name} is a hash that is not to be had here`,
    )
  }
  return known
}

function checkRequiredSchemes(schemes: readonly string[], providers: readonly AuthProvider[]): void {
  if (schemes.length === 0) {
    throw new StartError('CONFIG', 'enforce.auth.enabled=true needs enforce.auth.schemes to say which schemes will do')
  }
  for (const scheme of schemes) {
    if (!providers.some((provider) => provider.scheme === scheme)) {
      throw new StartError(
        'CONFIG',
        `clients are to authenticate by ${scheme}, and there is no provider for that scheme (authProvider.x)`,
      )
    }
  }
}
