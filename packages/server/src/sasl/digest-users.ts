import type { JaasEntry } from './jaas-file.ts'

const USER = 'user_'

/** What a section of a JAAS file says about DIGEST-MD5. */
export interface DigestSection {
  readonly mechanism: 'DIGEST-MD5'
  /** The passwords of those who may come, by their names (`user_bob="…"`). */
  readonly users: ReadonlyMap<string, string>
  /** Who this server is to others (`username`, `password`); null if it does not say. */
  readonly self: { readonly user: string; readonly password: string } | null
}

export const isDigest = ({ module }: JaasEntry): boolean => module.endsWith('DigestLoginModule')

/** Reads the entries of a section that are for DigestLoginModule. */
export function digestSection(entries: readonly JaasEntry[]): DigestSection {
  const users = new Map<string, string>()
  let self: DigestSection['self'] = null
  for (const { options } of entries) {
    for (const [option, value] of options) if (option.startsWith(USER)) users.set(option.slice(USER.length), value)
    const [user, password] = [options.get('username'), options.get('password')]
    if (user !== undefined && password !== undefined) self = { user, password }
  }
  return { mechanism: 'DIGEST-MD5', users, self }
}
