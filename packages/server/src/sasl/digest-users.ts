import type { JaasEntry, JaasFile } from './jaas-file.ts'

const USER = 'user_'

/** What a section of a JAAS file says about DIGEST-MD5. */
export interface DigestSection {
  /** The passwords of those who may come, by their names (`user_bob="…"`). */
  readonly users: ReadonlyMap<string, string>
  /** Who this server is to others (`username`, `password`); null if it does not say. */
  readonly self: { readonly user: string; readonly password: string } | null
}

/**
 * Reads a section for DigestLoginModule.
 *
 * @returns null if there is no such section; a sentence if it is about something else
 */
export function digestSection(file: JaasFile, name: string): DigestSection | null | string {
  const entries = file.get(name)
  if (entries === undefined) return null
  const users = new Map<string, string>()
  let self: DigestSection['self'] = null
  for (const { module, options } of entries) {
    if (!isDigest(module)) return `${name} names ${module}; DigestLoginModule alone is supported`
    for (const [option, value] of options) if (option.startsWith(USER)) users.set(option.slice(USER.length), value)
    const [user, password] = [options.get('username'), options.get('password')]
    if (user !== undefined && password !== undefined) self = { user, password }
  }
  return { users, self }
}

function isDigest(module: JaasEntry['module']): boolean {
  return module === 'DigestLoginModule' || module.endsWith('.DigestLoginModule')
}
