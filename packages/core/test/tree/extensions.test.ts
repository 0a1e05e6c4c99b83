import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Reader, Stat, StatPersisted } from '@vivarium/protocol'
import { type ArenaChunk, DataTree, OPEN_ACL_ID, SharedTreeReader } from '../../dist/tree/index.js'
import { digestOf } from './model-tree.ts'

const newTree = (): DataTree => new DataTree({ hashSeed: 11, extendedTypes: true })
const create = (tree: DataTree, path: string, zxid: number, owner = 0n): number =>
  tree.createNode(path, null, OPEN_ACL_ID, owner, -1, zxid, zxid * 10)

/** The bytes of blocks that a change takes, less those it gives back. */
function cost(tree: DataTree, change: () => void): number {
  const before = tree.usedBytes
  change()
  return tree.usedBytes - before
}

function stat(tree: DataTree, node: number): Stat {
  const target = new Uint8Array(68)
  tree.writeStat(node, target, 0)
  return Stat.read(new Reader(target, 0, 68))
}

const created = {
  czxid: 5,
  mzxid: 5,
  ctime: 50,
  mtime: 50,
  version: 0,
  cversion: 0,
  aversion: 0,
  ephemeralOwner: 0n,
  dataLength: 0,
  numChildren: 0,
  pzxid: 5,
}

test('a znode takes more memory when it is first changed, and again when it gets its first child', () => {
  const tree = newTree()
  const empty = tree.usedBytes
  const node = create(tree, '/a', 5)
  assert.equal(tree.usedBytes - empty, 8)
  assert.deepEqual(stat(tree, node), created)

  assert.equal(
    cost(tree, () => tree.setAcl('/a', OPEN_ACL_ID, 1)),
    32,
  )
  assert.deepEqual(stat(tree, node), { ...created, aversion: 1 })
  assert.equal(
    cost(tree, () => tree.setData('/a', null, 3, 6, 60)),
    0,
  )
  const changed = { ...created, aversion: 1, version: 3, mzxid: 6, mtime: 60 }
  assert.deepEqual(stat(tree, node), changed)

  assert.equal(
    cost(tree, () => create(tree, '/a/b', 7)),
    56 - 32 + 8,
  )
  assert.deepEqual(stat(tree, node), { ...changed, cversion: 1, numChildren: 1, pzxid: 7 })
  assert.equal(
    cost(tree, () => tree.deleteNode('/a/b', 8)),
    -8,
  )
  assert.deepEqual(stat(tree, node), { ...changed, cversion: 2, pzxid: 8 })
  tree.deleteNode('/a', 9)
  assert.equal(tree.usedBytes, empty)
})

test('each kind of change extends a znode by itself, and leaves all else as it was', () => {
  const changes: [change: (tree: DataTree) => void, bytes: number, expected: Partial<Stat>][] = [
    [(tree) => tree.setData('/a', null, 0, 5, 50), 32, {}],
    [(tree) => tree.setData('/a', null, -1, 2 ** 40, -1), 32, { version: -1, mzxid: 2 ** 40, mtime: -1 }],
    [(tree) => tree.setAcl('/a', OPEN_ACL_ID, -1), 32, { aversion: -1 }],
    [(tree) => tree.raiseParent('/a', 2, 2 ** 40), 56, { cversion: 4, pzxid: 2 ** 40 }],
    [(tree) => tree.deleteNode('/a/missing', 6), 56, { pzxid: 6 }],
    [(tree) => tree.setDataQuietly(tree.find('/a'), null), 0, {}],
    // Not even a replay that does not raise it again can do without its children.
    [(tree) => tree.createNode('/a/b', null, OPEN_ACL_ID, 0n, 0, 6, 60), 64, { cversion: -1, numChildren: 1 }],
  ]
  for (const [change, bytes, expected] of changes) {
    const tree = newTree()
    const node = create(tree, '/a', 5)
    assert.equal(
      cost(tree, () => change(tree)),
      bytes,
      String(change),
    )
    assert.deepEqual(stat(tree, node), { ...created, ...expected }, String(change))
  }
})

test('a znode with an owner is extended from the start', () => {
  for (const owner of [5n, -(2n ** 63n), BigInt.asIntN(64, 0xff00_0000_0000_1000n)]) {
    const tree = newTree()
    assert.equal(
      cost(tree, () => create(tree, '/a', 5, owner)),
      8 + 32,
    )
    const node = tree.find('/a')
    tree.raiseParent('/a', 1, 6)
    tree.setData('/a', null, 1, 7, 70)
    assert.equal(tree.owner(node), owner)
    const ephemeralOwner = owner > 0n ? owner : 0n
    const expected = { cversion: 2, pzxid: 6, version: 1, mzxid: 7, mtime: 70, ephemeralOwner }
    assert.deepEqual(stat(tree, node), { ...created, ...expected })
    assert.equal(
      cost(tree, () => tree.deleteNode('/a', 8)),
      -(8 + 56),
    )
  }
})

test('a row that is used again is not extended by what it was', () => {
  const tree = newTree()
  const digest = digestOf(tree)
  const node = create(tree, '/a', 1, 5n)
  tree.setAcl('/a', OPEN_ACL_ID, 7)
  create(tree, '/a/b', 2)
  tree.deleteNode('/a/b', 3)
  tree.deleteNode('/a', 4)
  tree.setData('/', null, 1, 4, 4)
  assert.notEqual(digestOf(tree), digest)
  const nodes = [create(tree, '/x', 5), create(tree, '/y', 5)]
  assert.ok(nodes.includes(node))
  for (const again of nodes) assert.deepEqual(stat(tree, again), created)
})

/** A tree whose reader does not know the chunk of some extensions yet, and a znode that has one of them. */
function extendedMeanwhile(): {
  tree: DataTree
  path: string
  shared: ReturnType<DataTree['beginSnapshot']>
  added: ArenaChunk[]
} {
  const tree = newTree()
  const paths = Array.from({ length: 2100 }, (_, i) => `/n${i}`)
  for (const path of paths) create(tree, path, 5)
  tree.lastProcessedZxid = 5
  const added: ArenaChunk[] = []
  const shared = tree.beginSnapshot((chunk) => added.push(chunk))
  // All pages of the first chunk are taken by data, and then the one that small extensions have runs full.
  const data = new Uint8Array(8000)
  for (let i = 0; added.length === 0; i += 1) tree.createNode(`/fill${i}`, data, OPEN_ACL_ID, 0n, -1, 6, 6)
  for (const path of paths) tree.setData(path, null, 1, 7, 70)
  return { tree, path: paths.at(-1)!, shared, added }
}

function persisted(reader: SharedTreeReader): StatPersisted {
  const target = new Uint8Array(60)
  reader.writeStat(target, 0)
  return StatPersisted.read(new Reader(target, 0, 60))
}

const persistedThen = {
  czxid: 5,
  mzxid: 7,
  ctime: 50,
  mtime: 70,
  version: 1,
  cversion: 0,
  aversion: 0,
  ephemeralOwner: 0n,
  pzxid: 5,
}

test('a snapshot’s reader finds an extension in a chunk that was added meanwhile', () => {
  const { tree, path, shared, added } = extendedMeanwhile()
  let asked = 0
  const reader = new SharedTreeReader(shared, () => {
    asked += 1
    return added.splice(0)
  })
  assert.equal(reader.open(tree.find('/n0')), true)
  assert.deepEqual([asked, persisted(reader)], [0, persistedThen])
  assert.equal(reader.open(tree.find(path)), true)
  assert.deepEqual([asked, persisted(reader)], [1, persistedThen])
})

test('an extension that becomes another znode’s while it is copied is not taken for its own', () => {
  const { tree, path, shared, added } = extendedMeanwhile()
  const other = create(tree, '/other', 8)
  const reader = new SharedTreeReader(shared, () => {
    tree.raiseParent(path, 4, 9) // Its extension gives way to a larger one, and the next has its block.
    tree.setData('/other', null, 99, 99, 99)
    return added.splice(0)
  })
  assert.equal(reader.open(tree.find(path)), true)
  assert.deepEqual(persisted(reader), { ...persistedThen, cversion: 4, pzxid: 9 })
  assert.equal(reader.open(other), false, 'it came after the snapshot began')
})

test('a znode that goes while its extension is copied is gone', () => {
  const { tree, path, shared, added } = extendedMeanwhile()
  const reader = new SharedTreeReader(shared, () => {
    tree.deleteNode(path, 9)
    create(tree, path, 10, 5n)
    return added.splice(0)
  })
  assert.equal(reader.open(tree.find(path)), false)
})
