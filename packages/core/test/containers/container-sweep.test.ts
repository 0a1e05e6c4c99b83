import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CONTAINER_OWNER, OPEN_ACL_UNSAFE, ttlOwner } from '@vivarium/protocol'
import { sweepCandidates } from '../../dist/containers/index.js'
import { DataTree } from '../../dist/tree/index.js'

const DAY_MS = 86_400_000

function treeWith(...znodes: readonly [path: string, owner: bigint, createdMs: number][]): DataTree {
  const tree = new DataTree({ hashSeed: 1, extendedTypes: true })
  let zxid = 0
  for (const [path, owner, createdMs] of znodes) {
    tree.createNode(path, null, tree.acls.intern(OPEN_ACL_UNSAFE), owner, -1, ++zxid, createdMs)
  }
  return tree
}

function candidates(...sweep: Parameters<typeof sweepCandidates>): string[] {
  return sweepCandidates(...sweep).map(({ path }) => path)
}

test('a container goes once it has had children and has none', () => {
  const tree = treeWith(
    ['/c', CONTAINER_OWNER, 0],
    ['/c/child', 0n, 0],
    ['/d', CONTAINER_OWNER, 0],
    ['/d/child', 0n, 0],
  )
  tree.deleteNode('/c/child', 9)
  assert.deepEqual(candidates(tree, DAY_MS, 0), ['/c'])
})

test('a container that was never used stays, unless a limit says how long', () => {
  const tree = treeWith(['/c', CONTAINER_OWNER, 1000])
  assert.deepEqual(candidates(tree, DAY_MS, 0), [])
  assert.deepEqual(candidates(tree, 1000 + 500, 500), [])
  assert.deepEqual(candidates(tree, 1000 + 501, 500), ['/c'])
})

test('a TTL znode goes when its data has not been set for longer than its time to live', () => {
  const tree = treeWith(['/t', ttlOwner(100), 1000], ['/u', ttlOwner(100), 1000], ['/u/child', 0n, 1000])
  assert.deepEqual(candidates(tree, 1100, 0), [])
  assert.deepEqual(candidates(tree, 1101, 0), ['/t'])
  tree.setData('/t', null, 1, 10, 1101)
  assert.deepEqual(candidates(tree, 1101, 0), [])
})
