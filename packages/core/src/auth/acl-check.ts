import type { ACL } from '@vivarium/protocol'
import type { AuthProviders } from './auth-provider.ts'
import type { Identity } from './identity.ts'

/** Whatever is asked for. */
const ALL = -1

/** Whether `world:anyone` has one of the permissions `wanted`: then nobody needs to be asked who they are. */
export function grantedToAnyone(acl: readonly ACL[], wanted: number): boolean {
  if (acl.length === 0) return true
  for (let i = 0; i < acl.length; i++) {
    const { perms, id } = acl[i] as ACL
    if ((perms & wanted) !== 0 && id.scheme === 'world' && id.id === 'anyone') return true
  }
  return false
}

/**
 * The permissions that a list grants to somebody, as bits. What is asked for is granted if one of its bits is here.
 * An empty list grants all, and so does an identity of the scheme `super`.
 *
 * Inherited from ZooKeeperServer.checkACL.
 */
export function grantedPerms(acl: readonly ACL[], identities: readonly Identity[], providers: AuthProviders): number {
  if (acl.length === 0) return ALL
  for (let i = 0; i < identities.length; i++) if ((identities[i] as Identity).scheme === 'super') return ALL
  let granted = 0
  for (let i = 0; i < acl.length; i++) {
    const entry = acl[i] as ACL
    // What it would add is here already.
    if ((entry.perms & ~granted) !== 0 && isMeant(entry, identities, providers)) granted |= entry.perms
  }
  return granted
}

function isMeant(entry: ACL, identities: readonly Identity[], providers: AuthProviders): boolean {
  const { scheme, id } = entry.id
  if (scheme === null || id === null) return false
  if (scheme === 'world' && id === 'anyone') return true
  const provider = providers.get(scheme)
  if (provider === undefined) return false
  for (let i = 0; i < identities.length; i++) {
    const identity = identities[i] as Identity
    if (identity.scheme === scheme && provider.matches(identity.id, id)) return true
  }
  return false
}
