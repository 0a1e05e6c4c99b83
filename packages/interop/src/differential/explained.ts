import { Op } from '../opcodes.ts'
import type { Acl } from '../records.ts'

/** A way in which Vivarium means to differ from Apache, and what the comparison does about it. */
export interface Explained {
  what: string
  why: string
  how: string
}

/**
 * All intended differences. The list is short on purpose: whatever else differs is a mistake, in the server or in the test.
 */
export const EXPLAINED: readonly Explained[] = [
  {
    what: 'deleteContainer (20) and createSession (-10) from a client are refused',
    why: 'Both are requests a server makes to itself; Apache carries them out for anyone, without asking an ACL.',
    how: 'Scripts do not contain them; a test of its own holds Vivarium to the refusal.',
  },
  {
    what: 'createTTL with a flag that is no TTL flag and a negative ttl is refused',
    why: 'Apache lets it through its checks and cannot carry it out.',
    how: 'Scripts do not contain it; a test of its own holds Vivarium to BADARGUMENTS.',
  },
  {
    what: 'a multiRead that fails as a whole has no body',
    why: 'Apache leaves the results it had gathered behind the error header. Clients do not read a body after an error.',
    how: 'The comparison passes over the body of a multiRead with an error in its header.',
  },
  {
    what: 'a connect request with a wrong password leaves the connection alone that has the session',
    why: 'Apache closes that connection before it looks at the password, so anyone who guesses an id can cut a client off.',
    how: 'Scripts use a wrong password only for a session that has no other connection.',
  },
  {
    what: 'what auth: in a list becomes is in the order in which the connection authenticated',
    why: "Apache takes the connection's ids in the order of a hash table.",
    how: 'Neighbouring entries with the same permissions and scheme are put in order before they are compared.',
  },
]

/** Puts neighbours of one scheme and permissions in order. */
export function inExplainedOrder(acl: readonly Acl[]): Acl[] {
  const result: Acl[] = []
  for (let at = 0; at < acl.length; ) {
    let end = at + 1
    while (end < acl.length && acl[end]!.perms === acl[at]!.perms && acl[end]!.scheme === acl[at]!.scheme) end++
    result.push(...acl.slice(at, end).sort((a, b) => ((a.id ?? '') < (b.id ?? '') ? -1 : 1)))
    at = end
  }
  return result
}

/** Whether what follows the header of a reply is passed over. */
export function bodyIsExplained(op: number | null, errno: number): boolean {
  return op === Op.multiRead && errno !== 0
}
