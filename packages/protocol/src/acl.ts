import type { ACL } from './records/data.ts'

/** What an ACL's `perms` can allow (ZooDefs.Perms). */
export const Perm = { READ: 1, WRITE: 2, CREATE: 4, DELETE: 8, ADMIN: 16, ALL: 31 } as const

/** Everyone may do everything (ZooDefs.Ids.OPEN_ACL_UNSAFE). */
export const OPEN_ACL_UNSAFE: readonly ACL[] = [{ perms: Perm.ALL, id: { scheme: 'world', id: 'anyone' } }]

/** Whoever creates the znode may do everything; asks for authentication of the connection. */
export const CREATOR_ALL_ACL: readonly ACL[] = [{ perms: Perm.ALL, id: { scheme: 'auth', id: '' } }]

/** Everyone may read. */
export const READ_ACL_UNSAFE: readonly ACL[] = [{ perms: Perm.READ, id: { scheme: 'world', id: 'anyone' } }]

/** In the order in which they are printed. */
const LETTERS = [
  ['c', Perm.CREATE],
  ['d', Perm.DELETE],
  ['r', Perm.READ],
  ['w', Perm.WRITE],
  ['a', Perm.ADMIN],
] as const

/** The letters of permissions, as zkCli prints them: `cdrwa` for all. */
export function formatPerms(perms: number): string {
  let letters = ''
  for (const [letter, perm] of LETTERS) if ((perms & perm) !== 0) letters += letter
  return letters
}

/** The permissions that letters such as `cdrwa` stand for, in any order; undefined if one of them stands for none. */
export function parsePerms(letters: string): number | undefined {
  let perms = 0
  for (const letter of letters) {
    const found = LETTERS.find(([known]) => known === letter)
    if (found === undefined) return undefined
    perms |= found[1]
  }
  return perms
}

/** Two entries that allow the same to the same. */
export function aclEquals(a: ACL, b: ACL): boolean {
  return a.perms === b.perms && a.id.scheme === b.id.scheme && a.id.id === b.id.id
}
