export interface AuthorizationRules {
  /** `kerberos.removeHostFromPrincipal` */
  readonly removeHost: boolean
  /** `kerberos.removeRealmFromPrincipal` */
  readonly removeRealm: boolean
}

/** `service/host@REALM`, of which the last two may be missing (KerberosName). */
const NAME = /^([^/@]*)(?:\/([^/@]*))?(?:@([^/@]*))?$/

/**
 * The id of who has authenticated as `name`, as ACLs have it (SaslServerCallbackHandler.handleAuthorizeCallback). What is
 * no name of Kerberos's stays as it is: nothing that looks like less than it is must come of it (CVE-2023-44981).
 *
 * @example authorizationId('zkcli/host1@EXAMPLE.COM', { removeHost: true, removeRealm: true }) // 'zkcli'
 */
export function authorizationId(name: string, { removeHost, removeRealm }: AuthorizationRules): string {
  const [, service, host, realm] = NAME.exec(name) ?? []
  if (service === undefined || service === '') return name
  return (
    service +
    (host !== undefined && !removeHost ? `/${host}` : '') +
    (realm !== undefined && !removeRealm ? `@${realm}` : '')
  )
}
