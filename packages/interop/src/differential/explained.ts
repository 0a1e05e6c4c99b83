import { Op } from '../opcodes.ts'
import type { Acl } from '../records.ts'

/** A way in which Vivarium means to differ from Apache, and what scripts or the comparison do about it. */
export interface Explained {
  what: string
  why: string
  how: string
}

/**
 * All intended differences, and what Apache leaves to chance. Whatever else differs is a mistake, in the server or in the
 * test.
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
    how: 'Scripts do not contain it, nor a createTTL with bytes overwritten; a test of its own holds Vivarium to BADARGUMENTS.',
  },
  {
    what: 'a multiRead that fails as a whole has no body',
    why: 'Apache leaves the results it had gathered behind the error header. Clients do not read a body after an error.',
    how: 'The comparison passes over the body of a multiRead with an error in its header.',
  },
  {
    what: 'a connect request with a wrong password leaves the connection alone that has the session',
    why: 'Apache closes that connection before it looks at the password, so anyone who guesses an id can cut a client off.',
    how: 'A connection that has the session is dropped before a wrong password is tried.',
  },
  {
    what: 'what auth: in a list becomes is in the order in which the connection authenticated',
    why: "Apache takes the connection's ids in the order of a hash table.",
    how: 'Neighbouring entries with the same permissions and scheme are put in order before they are compared.',
  },
  {
    what: 'a write behind a setACL on the znode that it is judged by, while the setACL is under way, is judged by the new list',
    why: 'By the old one in Apache, whose outstanding change keeps it, or by the new one if it has just been applied.',
    how: 'Such a pair is not sent in one burst.',
  },
  {
    what: 'a container made with the flag of an ephemeral can have children at once',
    why: 'It counts as an ephemeral in Apache until it has been applied: it may have no children, and goes with its session.',
    how: 'Its children are not created, nor its session closed, in the same burst, or multi.',
  },
  {
    what: 'a znode made in a multi, with a supplementary character in an id of its list, is judged by the list in the log',
    why: 'In Apache by the list in the request until it has been applied, and from then on by the list in the log.',
    how: 'Writes that are judged by it are not sent in the same burst, or multi.',
  },
  {
    what: 'with enforceQuota, a write is held to the usage of the moment',
    why: 'In Apache too: what is used is counted when a write is applied, and how many of a burst have been is left to chance.',
    how: 'With enforceQuota, behind a write that may move a usage none is sent in the same burst that is held to one.',
  },
  {
    what: 'a quota whose text is malformed is not enforced, and its usage not kept',
    why: 'Apache answers all writes below it with MARSHALLINGERROR, or, if it is the usage that is malformed, stops.',
    how: 'Limits are malformed only without enforceQuota, where nobody reads them; usages are always well-formed.',
  },
  {
    what: 'the usage of a quota is counted anew at the end of the start of a server',
    why: 'Apache counts when it has read the snapshot, and then adds what the log has: a usage that was wrong stays wrong.',
    how: 'Usages are passed over in the comparison of the trees that come back from the disk.',
  },
  {
    what: 'auth, sasl and opcodes that are unknown overtake requests in front of them that are under way',
    why: 'In Apache too, which answers them from the thread that read them; which requests are under way is left to chance.',
    how: 'They come first in what is sent at once, and nothing is behind those that end the connection.',
  },
]

/** Whether the data of a znode is passed over after a start. */
export function isCountedAnew(path: string): boolean {
  return path.startsWith('/zookeeper/quota/') && path.endsWith('/zookeeper_stats')
}

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
