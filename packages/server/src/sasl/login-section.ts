import { type DigestSection, digestSection, isDigest } from './digest-users.ts'
import type { JaasFile } from './jaas-file.ts'
import { isKerberos, type KerberosSection, kerberosSection } from './kerberos/kerberos-section.ts'

/** What a section of a JAAS file says. Its login module decides on the mechanism: nothing is negotiated. */
export type LoginSection = DigestSection | KerberosSection

/** @returns null if there is no such section; a sentence if it is of no use */
export function loginSection(file: JaasFile, name: string): LoginSection | null | string {
  const entries = file.get(name)
  if (entries === undefined) return null
  const [first, ...more] = entries
  if (first !== undefined && isKerberos(first) && more.length === 0) return kerberosSection(name, first)
  const other = entries.find((entry) => !isDigest(entry))
  if (other === undefined) return digestSection(entries)
  return `${name} names ${other.module}; either DigestLoginModule or one Krb5LoginModule is supported`
}
