import type { ACL } from '@vivarium/protocol'
import fc from 'fast-check'
import type { DataTree } from '../../dist/tree/index.js'

/** A change of the tree, as a transaction has it. */
export type Change = { readonly path: string; readonly zxid: number; readonly time: number } & (
  | {
      readonly type: 'create'
      readonly data: Uint8Array | null
      readonly acl: readonly ACL[] | null
      readonly owner: bigint
      readonly parentCversion: number
    }
  | { readonly type: 'delete' }
  | { readonly type: 'setData'; readonly data: Uint8Array | null; readonly version: number }
  | { readonly type: 'raise'; readonly parentCversion: number }
  | { readonly type: 'setAcl'; readonly acl: readonly ACL[] | null; readonly version: number }
)

const aclOf = (perms: number): ACL => ({ perms, id: { scheme: 'world', id: 'anyone' } })
export const anyAcl: fc.Arbitrary<readonly ACL[] | null> = fc.oneof(
  fc.constant(null),
  fc.integer({ min: 1, max: 4 }).map((perms) => [aclOf(perms)]),
  fc.integer({ min: 1, max: 4 }).map((perms) => [aclOf(perms), { perms: 31, id: { scheme: 'ip', id: '10.0.0.1' } }]),
)

/** Data of all kinds of blocks: none, shared with the name, moving to another class, in a page of a large class. */
export const anyData: fc.Arbitrary<Uint8Array | null> = fc.oneof(
  fc.constant(null),
  fc.uint8Array({ maxLength: 40 }),
  fc
    .tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 0, max: 3000 }))
    .map(([byte, n]) => new Uint8Array(n).fill(byte)),
  fc.integer({ min: 8000, max: 20_000 }).map((length) => new Uint8Array(length).fill(length & 0xff)),
)

/** Nobody, two sessions, a container, a TTL. */
export const anyOwner = fc.constantFrom(
  0n,
  0n,
  5n,
  0x7fff_0000_1234_5678n,
  -(2n ** 63n),
  BigInt.asIntN(64, 0xff00_0000_0000_1000n),
)

const anyName = fc.constantFrom('a', 'b', 'ключ', 'a-longer-name')
export const anyPath: fc.Arbitrary<string> = fc.oneof(
  fc.array(anyName, { minLength: 1, maxLength: 3 }).map((names) => `/${names.join('/')}`),
  fc.constantFrom('/zookeeper', '/zookeeper/config', '/zookeeper/x', '/zookeeper-not'),
)

/** Applies a change whatever the tree is, as a replay does. */
export function applyChange(tree: DataTree, change: Change): number {
  tree.lastProcessedZxid = change.zxid
  const { path, zxid, time } = change
  switch (change.type) {
    case 'create': {
      const { data, acl, owner, parentCversion } = change
      return tree.createNode(path, data, tree.acls.intern(acl), owner, parentCversion, zxid, time)
    }
    case 'delete':
      return tree.deleteNode(path, zxid)
    case 'raise':
      return tree.raiseParent(path, change.parentCversion, zxid)
    case 'setData':
      return tree.setData(path, change.data, change.version, zxid, time)
    case 'setAcl':
      return tree.setAcl(path, tree.acls.intern(change.acl), change.version)
  }
}

/** What a client asks for, before it is known whether the tree allows it. */
export interface Wish {
  readonly type: Exclude<Change['type'], 'raise'>
  readonly path: string
  readonly data: Uint8Array | null
  readonly acl: readonly ACL[] | null
  readonly owner: bigint
}

export const anyWish: fc.Arbitrary<Wish> = fc.record({
  type: fc.constantFrom('create', 'create', 'create', 'delete', 'setData', 'setAcl'),
  path: anyPath,
  data: anyData,
  acl: anyAcl,
  owner: anyOwner,
})

/** The transaction that a leader makes of a wish, or null if the tree does not allow it. */
export function prepare(tree: DataTree, wish: Wish, zxid: number): Change | null {
  const { type, path, data, acl, owner } = wish
  const node = tree.find(path)
  const parent = tree.find(path.slice(0, path.lastIndexOf('/')))
  const common = { path, zxid, time: 1_700_000_000_000 + zxid }
  if (type === 'create') {
    if (parent < 0 || node >= 0 || tree.ownerIsSession(parent)) return null
    return { ...common, type, data, acl, owner, parentCversion: tree.cversion(parent) + 1 }
  }
  if (node < 0) return null
  if (type === 'delete') return tree.childCount(node) > 0 || path.startsWith('/zookeeper') ? null : { ...common, type }
  if (type === 'setData') return { ...common, type, data, version: tree.version(node) + 1 }
  return { ...common, type, acl, version: tree.aversion(node) + 1 }
}
