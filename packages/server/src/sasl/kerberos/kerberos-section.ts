import type { JaasEntry } from '../jaas-file.ts'

/** What a section of a JAAS file says about Kerberos (Krb5LoginModule). */
export interface KerberosSection {
  readonly mechanism: 'GSSAPI'
  /** Who this server is: `zookeeper/host@REALM`. */
  readonly principal: string
  /** The file with its keys; null: the one that the Kerberos of this machine has. */
  readonly keyTab: string | null
  /** Where its tickets are; null: it gets them itself, with its keys. */
  readonly ticketCache: string | null
}

export const isKerberos = ({ module }: JaasEntry): boolean => module.endsWith('Krb5LoginModule')

/** @returns a sentence if something is missing */
export function kerberosSection(name: string, { options }: JaasEntry): KerberosSection | string {
  const on = (option: string): boolean => options.get(option)?.toLowerCase() === 'true'
  const principal = options.get('principal')
  if (principal === undefined) return `${name} does not name its principal`
  if (!on('useKeyTab') && !on('useTicketCache')) return `${name} has neither useKeyTab=true nor useTicketCache=true`
  return {
    mechanism: 'GSSAPI',
    principal,
    keyTab: on('useKeyTab') ? withoutScheme(options.get('keyTab') ?? null) : null,
    // With both, Java looks into the cache first. Here the keys are enough: what they get is kept as long as it is good.
    ticketCache: on('useKeyTab') ? null : (options.get('ticketCache') ?? ''),
  }
}

/** Java allows for `file:/etc/zookeeper.keytab`. */
const withoutScheme = (path: string | null): string | null => path?.replace(/^file:(?:\/\/)?/i, '') ?? null
