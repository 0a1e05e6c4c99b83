import type { NodeEvent, Zxid } from '@vivarium/client'

/** What streams are told of a znode. */
export interface Change {
  readonly type: 'created' | 'changed' | 'deleted' | 'children'
  readonly path: string
  /** The transaction that did it; null where nobody can tell. */
  readonly zxid: Zxid | null
  /** Found by reading again, after a time without a connection. */
  readonly caughtUp: boolean
}

const TYPES: { readonly [T in NodeEvent['type']]: Change['type'] } = {
  NodeCreated: 'created',
  NodeDataChanged: 'changed',
  NodeDeleted: 'deleted',
  NodeChildrenChanged: 'children',
}

/** A change as a watch tells it. Servers before 3.9 do not say by which transaction. */
export const changeOf = ({ type, path, zxid }: NodeEvent): Change => ({
  type: TYPES[type],
  path,
  zxid: zxid < 0 ? null : zxid,
  caughtUp: false,
})
