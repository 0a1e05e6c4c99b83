import type { AclEntry, Identity } from '../api/types.ts'

/** Of `cdrwa`: create and delete are of children, admin is of the ACL. */
export type Permission = 'c' | 'd' | 'r' | 'w' | 'a'

export const PERMISSION_NAMES: Readonly<Record<Permission, string>> = {
  c: 'create children',
  d: 'delete children',
  r: 'read',
  w: 'write',
  a: 'set the ACL',
}

/**
 * Whether an ACL grants something to one of the identities, as far as it can be told from here: the server decides, and is
 * asked where there is any doubt (an ACL that may not be read, a scheme whose ids are patterns).
 */
export function mayDo(
  permission: Permission,
  acl: readonly AclEntry[] | null,
  identities: readonly Identity[],
): boolean {
  if (acl === null || identities.some(({ scheme }) => scheme === 'super')) return true
  return acl.some(({ perms, scheme, id }) => {
    if (!perms.includes(permission)) return false
    if (scheme === 'world') return true
    const own = identities.filter((identity) => identity.scheme === scheme)
    return scheme === 'digest' ? own.some((identity) => identity.id === id) : own.length > 0
  })
}
