export interface AuthorizationRules {
  /** `kerberos.removeHostFromPrincipal` */
  readonly removeHost: boolean
  /** `kerberos.removeRealmFromPrincipal` */
  readonly removeRealm: boolean
  /** The only realm whose names lose anything: whoever has the same name in another one is somebody else. Null: any. */
  readonly realm: string | null
}

/** `service/host@REALM`, where the host may be missing (KerberosName). What is escaped is no part of any. */
const NAME = /^([^/@\\]+)(?:\/([^/@\\]*))?@([^/@\\]*)$/

/**
 * The id of who has authenticated as `name`, as ACLs have it (SaslServerCallbackHandler.handleAuthorizeCallback). What is
 * no name of Kerberos's stays as it is: nothing that looks like less than it is must come of it (CVE-2023-44981).
 *
 * @example authorizationId('zkcli/host1@EXAMPLE.COM', { removeHost: true, removeRealm: true, realm: null }) // 'zkcli'
 */
export function authorizationId(name: string, { removeHost, removeRealm, realm: own }: AuthorizationRules): string {
  const [, service, host, realm] = NAME.exec(name) ?? []
  if (service === undefined || (own !== null && realm !== own)) return name
  return service + (host === undefined || removeHost ? '' : `/${host}`) + (removeRealm ? '' : `@${realm}`)
}
