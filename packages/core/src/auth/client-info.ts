import type { ACL } from '@vivarium/protocol'
import type { AuthProviders } from './auth-provider.ts'
import type { Identity } from './identity.ts'

/** A list as getACL shows it to who may not change it: without the hashes of passwords (CVE-2019-0201). */
export function redactAcl(acl: readonly ACL[]): readonly ACL[] {
  return acl.map((entry) => {
    const { scheme, id } = entry.id
    const colon = scheme === 'digest' && id !== null ? id.indexOf(':') : -1
    return colon < 0 ? entry : { perms: entry.perms, id: { scheme, id: `${id?.slice(0, colon)}:x` } }
  })
}

/** What whoAmI answers: each identity with the name of its user, empty where the scheme has no provider. */
export function clientInfos(
  identities: readonly Identity[],
  providers: AuthProviders,
): { readonly authScheme: string; readonly user: string }[] {
  return identities.map(({ scheme, id }) => ({ authScheme: scheme, user: providers.get(scheme)?.userName(id) ?? '' }))
}

/** The users of a connection as the audit log names them, separated by commas; null if there are none (AuthUtil). */
export function userNames(identities: readonly Identity[], providers: AuthProviders): string | null {
  const names = identities.map(({ scheme, id }) => providers.get(scheme)?.userName(id) ?? '')
  return names.filter((name) => name.trim() !== '').join(',') || null
}
