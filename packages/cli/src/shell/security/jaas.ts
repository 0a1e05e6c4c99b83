import { isKerberos, type KerberosSection, kerberosSection, parseJaas } from '@vivarium/server'

/** Who to be, as a section of a JAAS configuration says. */
export type JaasLogin =
  | { readonly mechanism: 'DIGEST-MD5'; readonly user: string; readonly password: string }
  | KerberosSection

/**
 * What a section of a JAAS configuration says that has ZooKeeper's `DigestLoginModule`, or `Krb5LoginModule`.
 *
 * @returns null if there is no such section; a sentence if it is of another module, or lacks something
 */
export function jaasLogin(text: string, section: string): JaasLogin | string | null {
  const file = parseJaas(text)
  if (typeof file === 'string') return file
  const [entry, ...more] = file.get(section) ?? []
  if (entry === undefined) return null
  if (more.length > 0) return `the section ${section} has several modules; one is supported`
  if (isKerberos(entry)) return kerberosSection(section, entry)
  const { module, options } = entry
  if (!module.endsWith('.DigestLoginModule')) {
    return `the section ${section} is of ${module}; only DigestLoginModule and Krb5LoginModule are supported`
  }
  const [user, password] = [options.get('username'), options.get('password')]
  if (user === undefined || password === undefined) return `the section ${section} has no username or no password`
  return { mechanism: 'DIGEST-MD5', user, password }
}
