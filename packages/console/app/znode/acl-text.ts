import type { AclEntry } from '../api/types.ts'

/** `digest:user:hash:cdrwa`, one entry a line. */
export const formatAcl = (acl: readonly AclEntry[]): string =>
  acl.map(({ scheme, id, perms }) => `${scheme}:${id}:${perms}`).join('\n')

/** Reads what was written as above; what is wrong with it, if it is a text. An id may have colons. */
export function parseAcl(text: string): AclEntry[] | string {
  const lines = text.split('\n').flatMap((line) => line.trim() || [])
  if (lines.length === 0) return 'An ACL has at least one entry.'
  const entries: AclEntry[] = []
  for (const line of lines) {
    const match = /^([^:]+):(.*):([cdrwa]+)$/.exec(line)
    if (match === null) return `Not scheme:id:permissions: ${line}`
    const [, scheme = '', id = '', perms = ''] = match
    entries.push({ scheme, id, perms })
  }
  return entries
}
