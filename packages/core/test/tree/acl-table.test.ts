import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OPEN_ACL_UNSAFE, READ_ACL_UNSAFE } from '@vivarium/protocol'
import { AclTable, DataTree, OPEN_ACL_ID, UNKNOWN_ACL_ID } from '../../dist/tree/index.js'

const digestAcl = (id: string | null): { perms: number; id: { scheme: string; id: string | null } }[] => [
  { perms: 31, id: { scheme: 'digest', id } },
]

test('equal lists share an id, counted from 1', () => {
  const table = new AclTable()
  assert.equal(table.intern(OPEN_ACL_UNSAFE), 1) // Only a null list is -1, not one that means the same.
  assert.equal(table.intern(READ_ACL_UNSAFE), 2)
  assert.equal(table.intern(structuredClone(OPEN_ACL_UNSAFE)), 1)
  assert.equal(table.intern(null), OPEN_ACL_ID)
  assert.deepEqual([table.get(2), table.get(OPEN_ACL_ID), table.get(3)], [READ_ACL_UNSAFE, OPEN_ACL_UNSAFE, undefined])
  assert.equal(table.get(UNKNOWN_ACL_ID), undefined)
})

test('lists differ by order, by every field, and null from empty', () => {
  const table = new AclTable()
  const [open] = OPEN_ACL_UNSAFE
  const [a] = digestAcl('a')
  const lists = [
    [],
    [open!],
    [a!],
    [open!, a!],
    [a!, open!],
    digestAcl(null),
    digestAcl(''),
    digestAcl('-'),
    digestAcl('1:a'),
  ]
  assert.equal(new Set(lists.map((acl) => table.intern(acl))).size, lists.length)
  assert.equal(table.size, lists.length)
})

test('a list goes with its last use, and its id is not used again at once', () => {
  const table = new AclTable()
  const id = table.intern(OPEN_ACL_UNSAFE)
  table.intern(OPEN_ACL_UNSAFE)
  table.release(id)
  assert.equal(table.size, 1)
  table.release(id)
  assert.deepEqual([table.size, table.get(id)], [0, undefined])
  table.release(id)
  assert.equal(table.intern(OPEN_ACL_UNSAFE), 2)
})

test('lists loaded without a use are purged', () => {
  const table = new AclTable()
  const used = table.load(OPEN_ACL_UNSAFE)
  table.load(READ_ACL_UNSAFE)
  table.use(used)
  table.purgeUnused()
  assert.deepEqual(table.entries(), [[used, OPEN_ACL_UNSAFE]])
})

test('the tree holds one use for each znode', () => {
  const tree = new DataTree({ hashSeed: 5 })
  const acl = digestAcl('x:y')
  tree.createNode('/a', null, tree.acls.intern(acl), 0n, -1, 1, 1)
  tree.createNode('/b', null, tree.acls.intern(acl), 0n, -1, 2, 2)
  tree.createNode('/missing/c', null, tree.acls.intern(acl), 0n, -1, 3, 3)
  tree.setAcl('/missing', tree.acls.intern(acl), 1)
  tree.createNode('/b', null, tree.acls.intern(OPEN_ACL_UNSAFE), 0n, -1, 4, 4)
  assert.equal(tree.acls.size, 3) // With /zookeeper/config's.
  tree.setAcl('/a', tree.acls.intern(OPEN_ACL_UNSAFE), 1)
  assert.equal(tree.acls.size, 2)
  tree.deleteNode('/a', 5)
  tree.deleteNode('/b', 6)
  assert.equal(tree.acls.size, 1)
})
