import type { ACL, ErrorCode } from '@vivarium/protocol'
import type { AuthProviders } from './auth-provider.ts'
import type { Identity } from './identity.ts'

/**
 * An ACL as a request has it, made fit to be stored: duplicates are dropped, and an `auth` entry becomes one for each
 * authenticated identity of the requester. INVALIDACL where nothing is left, or an entry names a scheme that the server
 * does not have or an id that the scheme does not; MARSHALLINGERROR for a null id, on which Java throws.
 *
 * Inherited from PrepRequestProcessor.fixupACL.
 */
export function fixupAcl(
  acl: readonly (ACL | null)[] | null,
  identities: readonly Identity[],
  providers: AuthProviders,
): readonly ACL[] | ErrorCode {
  if (acl === null || acl.length === 0) return 'INVALIDACL'
  const fixed: ACL[] = []
  const seen = new Set<string>()
  for (const entry of acl) {
    if (entry === null || entry.id.scheme === null) return 'INVALIDACL'
    const { scheme, id } = entry.id
    const key = `${entry.perms}:${scheme.length}:${scheme}${id === null ? '' : `:${id}`}`
    if (seen.has(key)) continue
    seen.add(key)
    if (scheme === 'auth') {
      const before = fixed.length
      for (const identity of identities) {
        if (providers.get(identity.scheme)?.isAuthenticated) fixed.push({ perms: entry.perms, id: identity })
      }
      if (fixed.length === before) return 'INVALIDACL'
      continue
    }
    const provider = providers.get(scheme)
    if (id === null) return scheme === 'world' || provider !== undefined ? 'MARSHALLINGERROR' : 'INVALIDACL'
    if (!(scheme === 'world' && id === 'anyone') && !provider?.isValid(id)) return 'INVALIDACL'
    fixed.push(entry)
  }
  return fixed
}
