import { type LocalRule, shortName } from './auth-to-local.ts'

/** By which rules the id of a client comes of its name. */
export interface AuthorizationRules {
  /** `kerberos.removeHostFromPrincipal` */
  readonly removeHost: boolean
  /** `kerberos.removeRealmFromPrincipal` */
  readonly removeRealm: boolean
  /**
   * The realm of which the rule `DEFAULT` takes names, so that with it alone only these lose anything: whoever has the same name
   * in another one is somebody else. Null: any.
   */
  readonly realm: string | null
  /** `security.auth_to_local` */
  readonly toLocal: readonly LocalRule[]
}

/** `service/host@REALM`, where the host may be missing (KerberosName). What is escaped is no part of any. */
const NAME = /^([^/@\\]+)(?:\/([^/@\\]*))?@([^/@\\]*)$/

/**
 * The id of who has authenticated as `name`, as ACLs have it (SaslServerCallbackHandler.handleAuthorizeCallback): what rules
 * make of it, with its host and its realm unless they are to be left out. What is no name of Kerberos's, or one for which there is
 * no rule, stays as it is: nothing that looks like less than it is must come of it (CVE-2023-44981).
 *
 * @example
 * const rules = { removeHost: true, removeRealm: true, realm: null, toLocal: parseAuthToLocal('DEFAULT') }
 * authorizationId('zkcli/host1@EXAMPLE.COM', rules) // 'zkcli'
 */
export function authorizationId(
  name: string,
  { removeHost, removeRealm, realm: own, toLocal }: AuthorizationRules,
): string {
  const [, service, host = null, realm] = NAME.exec(name) ?? []
  if (service === undefined || realm === undefined) return name
  const short = shortName(toLocal, { service, host, realm }, own === null || realm === own)
  if (short === null) return name
  return short + (host === null || removeHost ? '' : `/${host}`) + (removeRealm ? '' : `@${realm}`)
}
