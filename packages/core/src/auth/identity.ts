/** Who a connection is, in one of the ways to be somebody: `{ scheme: 'ip', id: '10.0.0.1' }`. */
export interface Identity {
  readonly scheme: string
  readonly id: string
}

export function sameIdentity(a: Identity, b: Identity): boolean {
  return a.scheme === b.scheme && a.id === b.id
}

/**
 * The identities of a connection that turns out to be somebody else as well: a new list, or the same one where it says
 * so already. Lists are never changed, so that what was found out for one holds for as long as it is used.
 */
export function addIdentity(identities: readonly Identity[], identity: Identity): readonly Identity[] {
  return identities.some((known) => sameIdentity(known, identity)) ? identities : [...identities, identity]
}
