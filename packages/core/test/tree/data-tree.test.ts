import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OPEN_ACL_UNSAFE, Reader, Stat, Writer } from '@vivarium/protocol'
import fc from 'fast-check'
import {
  DataTree,
  NO_NODE,
  NODE_EXISTS,
  NONE,
  NodeKind,
  nodeDigest,
  OK,
  OPEN_ACL_ID,
  pathDataCrc,
} from '../../dist/tree/index.js'
import { anyAcl, anyData, anyOwner, anyPath, applyChange, type Change } from './history.ts'
import { digestOf, dumpModel, dumpTree, ModelTree } from './model-tree.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const newTree = (): DataTree => new DataTree({ hashSeed: 2 ** 52 + 12_345, extendedTypes: true })

function create(tree: DataTree, path: string, zxid: number, parentCversion = -1, owner = 0n): number {
  return tree.createNode(path, bytes('data'), OPEN_ACL_ID, owner, parentCversion, zxid, 1000 + zxid)
}

function stat(tree: DataTree, path: string): Stat {
  const target = new Uint8Array(100)
  tree.writeStat(tree.find(path), target, 7)
  return Stat.read(new Reader(target, 7, 75))
}

test('a new tree is what a new Java DataTree is', () => {
  const tree = newTree()
  assert.deepEqual(dumpTree(tree), dumpModel(new ModelTree()))
  assert.equal(tree.nodeCount, 5)
  assert.equal(tree.approximateDataSize, 44) // zk_approximate_data_size of an empty server.
  assert.equal(stat(tree, '/').cversion, -1)
  assert.equal(tree.descendantCount(0), 3)
})

test('any changes leave the tree as they leave the model', () => {
  const anyChange = fc.record({
    type: fc.constantFrom('create', 'create', 'create', 'delete', 'setData', 'setAcl', 'raise'),
    path: anyPath,
    data: anyData,
    acl: anyAcl,
    owner: anyOwner,
    parentCversion: fc.integer({ min: -1, max: 20 }),
    version: fc.integer({ min: -2, max: 20 }),
    skipped: fc.integer({ min: 1, max: 2 ** 33 }),
  })
  const property = fc.property(fc.array(anyChange, { maxLength: 60 }), (changes) => {
    const tree = newTree()
    const model = new ModelTree()
    let zxid = 0
    for (const { skipped, ...change } of changes) {
      zxid += skipped
      const made = applyChange(tree, { ...change, zxid, time: zxid + 7 } as Change)
      assert.equal(made, expected(tree, model, { ...change, zxid, time: zxid + 7 }))
      if (change.path.endsWith('b')) assert.equal(digestOf(tree), model.digest())
    }
    assert.deepEqual(dumpTree(tree), dumpModel(model))
  })
  fc.assert(property, { numRuns: 150 })
})

interface AnyChange {
  type: string
  path: string
  data: Uint8Array | null
  acl: Parameters<ModelTree['create']>[2]
  owner: bigint
  parentCversion: number
  version: number
  zxid: number
  time: number
}

/** Applies a change to the model and says what the tree has to return. */
function expected(tree: DataTree, model: ModelTree, change: AnyChange): number {
  const { type, path, data, acl, owner, parentCversion, version, zxid, time } = change
  if (type === 'create') {
    const made = model.create(path, data, acl, owner, parentCversion, zxid, time)
    if (made === 'created') return tree.find(path)
    return made === 'exists' ? NODE_EXISTS : NO_NODE
  }
  if (type === 'delete') return model.delete(path, zxid) ? OK : NO_NODE
  if (type === 'raise') {
    const node = model.nodes.get(path)
    if (node !== undefined) model.raise(node, parentCversion, zxid)
    return tree.find(path) === NONE ? NO_NODE : tree.find(path)
  }
  const found = type === 'setData' ? model.setData(path, data, version, zxid, time) : model.setAcl(path, acl, version)
  return found ? tree.find(path) : NO_NODE
}

test('lookup takes the root under two names and nothing that only resembles a path', () => {
  const tree = newTree()
  const node = create(tree, '/a', 1)
  const child = create(tree, '/a/b', 2)
  const lookup = (path: string): number => tree.lookup(bytes(`xx${path}yy`), 2, 2 + bytes(path).length)
  assert.deepEqual(['', '/', '/a', '/a/b'].map(lookup), [0, 0, node, child])
  for (const path of ['/a/', '//', 'a', '/a//b', '/b', '//a', '/a/b/', 'x/a', '\0', '/A', '/a/bb', '/ab']) {
    assert.equal(lookup(path), NONE, path)
    assert.equal(tree.find(path), NONE, path)
  }
})

test('a path without a name or with an empty element is not created', () => {
  const tree = newTree()
  const acl = tree.acls.intern(OPEN_ACL_UNSAFE)
  const before = dumpTree(newTree())
  for (const path of ['', '/', 'a', '//a', '/x/', '/zookeeper/', 'zookeeper/a', '/no/parent']) {
    tree.acls.use(acl)
    assert.equal(tree.createNode(path, null, acl, 0n, -1, 1, 1), NO_NODE, path)
    assert.equal(tree.deleteNode(path, 0), NO_NODE, path)
  }
  tree.acls.release(acl)
  assert.deepEqual(dumpTree(tree), before)
})

test('cversion sticks at its largest value, and the pzxid with it', () => {
  const tree = newTree()
  create(tree, '/a', 1)
  assert.ok(create(tree, '/a/x', 2, 2 ** 31 - 1) >= 0)
  assert.equal(tree.cversion(tree.find('/a')), 2 ** 31 - 1)
  assert.equal(stat(tree, '/a').cversion, -3) // 2 × (2^31 − 1) − 1, wrapped as Java's int.
  assert.ok(create(tree, '/a/y', 3, -(2 ** 31)) >= 0)
  assert.ok(create(tree, '/a/z', 4, -1) >= 0)
  assert.equal(tree.cversion(tree.find('/a')), 2 ** 31 - 1)
  assert.equal(tree.pzxid(tree.find('/a')), 2)
})

test('replayed changes only raise a parent', () => {
  const tree = newTree()
  create(tree, '/a', 10)
  create(tree, '/a/x', 20, 5)
  assert.equal(create(tree, '/a/x', 15, 3), NODE_EXISTS)
  assert.deepEqual([tree.cversion(tree.find('/a')), tree.pzxid(tree.find('/a'))], [5, 20])
  assert.equal(create(tree, '/a/x', 30, 6), NODE_EXISTS)
  assert.deepEqual([tree.cversion(tree.find('/a')), tree.pzxid(tree.find('/a'))], [6, 30])
  assert.equal(tree.deleteNode('/a/missing', 25), NO_NODE)
  assert.equal(tree.pzxid(tree.find('/a')), 30)
  assert.equal(tree.deleteNode('/a/missing', 40), NO_NODE)
  assert.equal(tree.pzxid(tree.find('/a')), 40)
  assert.equal(tree.raiseParent('/a/', 7, 50), tree.find('/a'))
  assert.equal(tree.raiseParent('/a', 7, 60), tree.find('/a'))
  assert.deepEqual([tree.cversion(tree.find('/a')), tree.pzxid(tree.find('/a'))], [7, 50])
  assert.equal(tree.raiseParent('/b', 7, 60), NO_NODE)
})

test('clients see the owner of ephemeral znodes only', () => {
  const tree = newTree()
  const owners = { '/eph': 0x1234_5678_9abcn, '/box': -(2n ** 63n), '/ttl': BigInt.asIntN(64, 0xff00_0012_3456_789an) }
  for (const [path, owner] of Object.entries(owners)) create(tree, path, 1, -1, owner)
  const shown = Object.keys(owners).map((path) => stat(tree, path).ephemeralOwner)
  assert.deepEqual(shown, [0x1234_5678_9abcn, 0n, 0n])
  const nodes = Object.keys(owners).map((path) => tree.find(path))
  assert.deepEqual(
    nodes.map((node) => tree.owner(node)),
    Object.values(owners),
  )
  assert.deepEqual(
    nodes.map((node) => tree.kind(node)),
    [NodeKind.EPHEMERAL, NodeKind.CONTAINER, NodeKind.TTL],
  )
  assert.equal(tree.ttl(nodes[2]!), 0x12_3456_789a)
  assert.deepEqual([[...tree.containers], [...tree.ttlNodes]], [[nodes[1]], [nodes[2]]])
  assert.deepEqual(tree.ephemeralsOf(0x1234_5678_9abcn), ['/eph'])
  for (const path of Object.keys(owners)) tree.deleteNode(path, 2)
  assert.deepEqual([tree.containers.size, tree.ttlNodes.size, tree.ephemeralCount], [0, 0, 0])
  assert.deepEqual(tree.sessionsWithEphemerals(), [])
})

test('without extended types a TTL owner is a session, with 3.5.3 emulation any negative one is a TTL', () => {
  const ttl = BigInt.asIntN(64, 0xff00_0000_0000_0001n)
  const plain = new DataTree({ hashSeed: 1 })
  assert.equal(plain.kind(create(plain, '/a', 1, -1, ttl)), NodeKind.EPHEMERAL)
  assert.deepEqual(plain.sessionsWithEphemerals(), [ttl])
  const emulating = new DataTree({ hashSeed: 1, extendedTypes: true, emulate353: true })
  assert.equal(emulating.kind(create(emulating, '/a', 1, -1, -5n)), NodeKind.TTL)
  assert.equal(emulating.kind(create(emulating, '/b', 1, -1, -(2n ** 63n))), NodeKind.CONTAINER)
})

test('null data is not empty data', () => {
  const tree = newTree()
  tree.createNode('/null', null, OPEN_ACL_ID, 0n, -1, 1, 1)
  tree.createNode('/empty', new Uint8Array(0), OPEN_ACL_ID, 0n, -1, 2, 2)
  assert.deepEqual([tree.data(tree.find('/null')), tree.data(tree.find('/empty'))], [null, new Uint8Array(0)])
  assert.deepEqual([stat(tree, '/null').dataLength, stat(tree, '/empty').dataLength], [0, 0])
  tree.setData('/empty', null, 1, 3, 3)
  assert.equal(tree.data(tree.find('/empty')), null)
  tree.setData('/', bytes('root data'), 1, 4, 4)
  assert.deepEqual(tree.data(0), bytes('root data'))
  tree.setData('', null, 2, 5, 5)
  assert.equal(tree.data(0), null)
})

test('children are written as a vector of strings', () => {
  const tree = newTree()
  const names = Array.from({ length: 300 }, (_, i) => `name-${i}`.repeat(1 + (i % 9)))
  for (const [i, name] of names.entries()) create(tree, `/${name}`, 1 + i)
  const writer = new Writer(16)
  tree.writeChildren(0, writer)
  const read = new Reader(writer.bytes, 0, writer.length).vector((reader) => reader.text())!
  assert.deepEqual(read.sort(), [...names, 'zookeeper'].sort())
})

test('digests of znodes that are not there yet can be told', () => {
  const tree = newTree()
  create(tree, '/a', 2 ** 34)
  const before = digestOf(tree)
  const stat = {
    czxid: 2 ** 40,
    mzxid: 2 ** 40,
    pzxid: 2 ** 40,
    ctime: -1,
    mtime: -1,
    version: 0,
    cversion: 0,
    aversion: 0,
  }
  const path = bytes('/zookeeper-like')
  const data = bytes('x'.repeat(50))
  const predicted = nodeDigest(pathDataCrc(path, 0, path.length, data), { ...stat, ephemeralOwner: -1n })
  tree.createNode('/zookeeper-like', data, OPEN_ACL_ID, -1n, 0, 2 ** 40, -1)
  assert.equal(digestOf(tree), before + BigInt(predicted))
  const node = tree.find('/zookeeper-like')
  assert.equal(nodeDigest(tree.prefixCrc(node), { ...stat, ephemeralOwner: -1n }), predicted)
  assert.equal(pathDataCrc(bytes('/'), 0, 1, data), pathDataCrc(bytes('/'), 0, 0, data))
})

test('usage of quotas changes neither versions nor the digest', () => {
  const tree = newTree()
  create(tree, '/zookeeper/quota/a', 1)
  const node = tree.find('/zookeeper/quota/a')
  const [digest, zxid] = [digestOf(tree), tree.mzxid(node)]
  tree.setDataQuietly(node, bytes('count=1,bytes=2'))
  assert.deepEqual(tree.data(node), bytes('count=1,bytes=2'))
  assert.deepEqual([digestOf(tree), tree.mzxid(node), tree.version(node)], [digest, zxid, 0])
})

test('a tree without digests keeps none', () => {
  const tree = new DataTree({ hashSeed: 3, digestEnabled: false })
  create(tree, '/a', 1)
  tree.setData('/a', bytes('b'), 1, 2, 2)
  assert.equal(digestOf(tree), 0n)
})

test('what is below a znode is counted, and goes with it when a replay deletes it', () => {
  const tree = newTree()
  for (const path of ['/a', '/a/b', '/a/b/c', '/a/b/d', '/a/e', '/f'])
    create(tree, path, 1, -1, path === '/a/b/d' ? 9n : 0n)
  assert.equal(tree.descendantCount(tree.find('/a')), 4)
  assert.equal(tree.descendantCount(tree.find('/a/e')), 0)
  assert.equal(tree.descendantCount(0), 9)
  assert.equal(tree.deleteNode('/a', 2), OK)
  assert.deepEqual(
    ['/a', '/a/b', '/a/b/c', '/a/b/d', '/a/e'].map((path) => tree.find(path)),
    Array(5).fill(NONE),
  )
  assert.deepEqual(tree.sessionsWithEphemerals(), [])
  assert.equal(tree.nodeCount, 6)
})
