import type { ACL } from '@vivarium/client'
import { formatPerms, parsePerms } from '@vivarium/protocol'

/** An access control list as getAcl prints it: jute's text of the id, which ends its line, and the letters. */
export function aclText(acl: readonly ACL[]): string {
  return acl.map(({ id, perms }) => `'${csv(id.scheme ?? '')},'${csv(id.id ?? '')}\n: ${formatPerms(perms)}`).join('\n')
}

/** One entry for programs. */
export interface AclValue {
  readonly scheme: string
  readonly id: string
  readonly perms: string
}

export const aclValue = (acl: readonly ACL[]): AclValue[] =>
  acl.map(({ id: { scheme, id }, perms }) => ({ scheme: scheme ?? '', id: id ?? '', perms: formatPerms(perms) }))

/** Reads `scheme:id:perms,…` as zkCli does: what is wrong is told and left out (`AclParser`). */
export function parseAcl(text: string, warn: (line: string) => void): ACL[] {
  const acl: ACL[] = []
  for (const entry of text.split(',')) {
    const first = entry.indexOf(':')
    const last = entry.lastIndexOf(':')
    if (first === last) {
      warn(`${entry} does not have the form scheme:id:perm`)
      continue
    }
    let perms = 0
    for (const letter of entry.slice(last + 1)) {
      const perm = parsePerms(letter)
      if (perm === undefined) warn(`Unknown perm type: ${letter}`)
      perms |= perm ?? 0
    }
    acl.push({ perms, id: { scheme: entry.slice(0, first), id: entry.slice(first + 1, last) } })
  }
  return acl
}

/** How jute's CSV writes text (`Utils.toCSVString`). */
function csv(text: string): string {
  return text.replace(/[\0\n\r,}%]/g, (unit) => `%${unit.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
}
