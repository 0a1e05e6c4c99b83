import { type ACL, type ErrorCode, OPEN_ACL_UNSAFE } from '@vivarium/protocol'
import { type AuthProviders, fixupAcl, grantedPerms, type Identity } from '../auth/index.ts'

/**
 * The one place where it is decided what a connection may do to a znode. What a list grants to a set of identities is
 * remembered until the identities change, since both are the same objects from request to request.
 */
export class AccessControl {
  readonly providers: AuthProviders
  /** `skipACL=yes`: everybody may do everything. */
  readonly #skip: boolean
  readonly #granted = new WeakMap<readonly Identity[], WeakMap<readonly ACL[], number>>()

  constructor(providers: AuthProviders, skip: boolean) {
    this.providers = providers
    this.#skip = skip
  }

  /** Whether one of the permissions `wanted` is granted. */
  allows(acl: readonly ACL[], wanted: number, identities: readonly Identity[]): boolean {
    if (acl === OPEN_ACL_UNSAFE || this.#skip) return true
    let known = this.#granted.get(identities)
    if (known === undefined) {
      known = new WeakMap()
      this.#granted.set(identities, known)
    }
    let perms = known.get(acl)
    if (perms === undefined) {
      perms = grantedPerms(acl, identities, this.providers)
      known.set(acl, perms)
    }
    return (perms & wanted) !== 0
  }

  /** A list as it will be stored; see {@link fixupAcl}. */
  fixup(acl: readonly (ACL | null)[] | null, identities: readonly Identity[]): readonly ACL[] | ErrorCode {
    return isOpen(acl) ? OPEN_ACL_UNSAFE : fixupAcl(acl, identities, this.providers)
  }
}

/** The list that most znodes have. */
function isOpen(acl: readonly (ACL | null)[] | null): boolean {
  if (acl === null || acl.length !== 1) return false
  const entry = acl[0] as ACL | null
  return entry !== null && entry.perms === 31 && entry.id.scheme === 'world' && entry.id.id === 'anyone'
}
