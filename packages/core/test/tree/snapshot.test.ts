import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OPEN_ACL_UNSAFE } from '@vivarium/protocol'
import fc from 'fast-check'
import {
  type ArenaChunk,
  DataTree,
  OPEN_ACL_ID,
  SharedTreeReader,
  SnapshotReader,
  SnapshotWriter,
  snapshotPrelude,
} from '../../dist/tree/index.js'
import { anyWish, applyChange, type Change, prepare } from './history.ts'
import { dumpTree } from './model-tree.ts'

const options = { hashSeed: 31_337, extendedTypes: true }
const noSessions: ReadonlyMap<bigint, number> = new Map()

/** A snapshot of a tree, taken in pieces of `pieceBytes`; `between` is called after each piece. */
function snapshotOf(tree: DataTree, sessions = noSessions, pieceBytes = 4096, between = (): void => {}): Uint8Array {
  const added: ArenaChunk[] = []
  const shared = tree.beginSnapshot((chunk) => added.push(chunk))
  const reader = new SharedTreeReader(shared, () => added.splice(0))
  const writer = new SnapshotWriter(snapshotPrelude(sessions, tree.acls), reader)
  const pieces: Uint8Array[] = []
  for (;;) {
    const piece = new Uint8Array(pieceBytes)
    const count = writer.next(piece)
    if (count === 0) break
    pieces.push(piece.subarray(0, count))
    between()
  }
  tree.endSnapshot(shared)
  return Buffer.concat(pieces)
}

function load(body: Uint8Array, pieceBytes = body.length): SnapshotReader {
  const reader = new SnapshotReader(options)
  for (let at = 0; at < body.length && !reader.done && reader.error === null; at += pieceBytes) {
    reader.feed(body, at, Math.min(at + pieceBytes, body.length))
  }
  return reader
}

function loaded(body: Uint8Array): DataTree {
  const reader = load(body)
  assert.deepEqual([reader.error, reader.done], [null, true])
  return reader.tree
}

/** A tree after the transactions that come of these wishes, and those transactions. */
function grow(tree: DataTree, wishes: Iterable<Parameters<typeof prepare>[1]>): Change[] {
  const changes: Change[] = []
  for (const wish of wishes) {
    const change = prepare(tree, wish, tree.lastProcessedZxid + 1)
    if (change === null) continue
    applyChange(tree, change)
    changes.push(change)
  }
  return changes
}

test('a snapshot loads as the tree it was taken of, whatever the pieces', () => {
  const property = fc.property(
    fc.array(anyWish, { maxLength: 40 }),
    fc.integer({ min: 1, max: 3000 }),
    fc.integer({ min: 1, max: 3000 }),
    (wishes, written, read) => {
      const tree = new DataTree(options)
      grow(tree, wishes)
      const sessions = new Map([
        [5n, 30_000],
        [-(2n ** 63n), -1],
      ])
      const body = snapshotOf(tree, sessions, written)
      const reader = load(body, read)
      assert.deepEqual([reader.error, reader.done, reader.sessions], [null, true, sessions])
      assert.deepEqual(dumpTree(reader.tree), dumpTree(tree))
    },
  )
  fc.assert(property, { numRuns: 60 })
})

test('replaying what happened since over a snapshot taken meanwhile gives the same tree', () => {
  const property = fc.property(
    fc.array(anyWish, { maxLength: 40 }),
    fc.array(anyWish, { maxLength: 200 }),
    fc.array(fc.tuple(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 0, max: 12 })), { minLength: 1 }),
    (before, during, pace) => {
      const tree = new DataTree(options)
      grow(tree, before)
      const since: Change[] = []
      const left = [...during]
      let turn = 0
      const body = snapshotOf(tree, noSessions, pace[0]![0], () => {
        const [, count] = pace[turn++ % pace.length]!
        since.push(...grow(tree, left.splice(0, count)))
      })
      since.push(...grow(tree, left))
      const copy = loaded(body)
      for (const change of since) applyChange(copy, change)
      assert.deepEqual(dumpTree(copy), dumpTree(tree))
    },
  )
  fc.assert(property, { numRuns: 150 })
})

test('a parent comes before its children, though its row comes after theirs', () => {
  const tree = new DataTree(options)
  for (const path of ['/x', '/y', '/z']) tree.createNode(path, null, OPEN_ACL_ID, 0n, -1, 1, 1)
  for (const path of ['/x', '/y', '/z']) tree.deleteNode(path, 2)
  // Freed rows come back last first, so each of these has a lower row than its parent.
  for (const path of ['/a', '/a/b', '/a/b/c', '/a/b/c/d']) tree.createNode(path, null, OPEN_ACL_ID, 0n, -1, 3, 3)
  assert.ok(tree.find('/a/b/c') < tree.find('/a/b') && tree.find('/a/b') < tree.find('/a'))
  tree.lastProcessedZxid = 3
  assert.deepEqual(dumpTree(loaded(snapshotOf(tree))), dumpTree(tree))
})

test('paths far deeper and data far larger than the pieces', () => {
  const tree = new DataTree(options)
  let path = ''
  for (let depth = 0; depth < 2000; depth += 1) {
    path += '/d'
    tree.createNode(path, null, OPEN_ACL_ID, 0n, -1, depth, 1)
  }
  tree.createNode('/big', new Uint8Array(1_500_000).fill(3), OPEN_ACL_ID, 0n, -1, 2000, 1)
  tree.lastProcessedZxid = 2000
  assert.deepEqual(dumpTree(loaded(snapshotOf(tree, noSessions, 1000))), dumpTree(tree))
})

test('blocks in chunks added during the snapshot are found, and those of dropped chunks not confused', () => {
  const tree = new DataTree(options)
  for (let i = 0; i < 12; i += 1)
    tree.createNode(`/n${i}`, new Uint8Array(1_100_000).fill(i), OPEN_ACL_ID, 0n, -1, 1, 1)
  tree.lastProcessedZxid = 1
  let zxid = 1
  const since: Change[] = []
  const body = snapshotOf(tree, noSessions, 2_500_000, () => {
    for (let i = 0; i < 12; i += 5) {
      const data = new Uint8Array(1_100_000 + zxid).fill(zxid)
      since.push({ type: 'setData', path: `/n${i}`, data, version: zxid, zxid: ++zxid, time: zxid })
      applyChange(tree, since.at(-1)!)
    }
  })
  const copy = loaded(body)
  for (const change of since) applyChange(copy, change)
  for (let i = 0; i < 12; i += 1) {
    assert.ok(Buffer.from(copy.data(copy.find(`/n${i}`))!).equals(tree.data(tree.find(`/n${i}`))!), `/n${i}`)
  }
})

test('a znode made again meanwhile, in a row that is still to come, is not written twice', () => {
  const tree = new DataTree(options)
  for (let i = 0; i < 10; i += 1) tree.createNode(`/n${i}`, null, OPEN_ACL_ID, 0n, -1, 1, 1)
  tree.lastProcessedZxid = 1
  const since: Change[] = [
    { type: 'delete', path: '/n0', zxid: 2, time: 2 },
    { type: 'delete', path: '/n9', zxid: 3, time: 3 },
    { type: 'create', path: '/n0', zxid: 4, time: 4, data: null, acl: null, owner: 0n, parentCversion: 11 },
    { type: 'create', path: '/n0/below', zxid: 5, time: 5, data: null, acl: null, owner: 0n, parentCversion: 1 },
  ]
  const lastRow = tree.find('/n9')
  let pieces = 0
  const body = snapshotOf(tree, noSessions, 100, () => {
    pieces += 1
    if (pieces === 8) for (const change of since) applyChange(tree, change)
  })
  assert.equal(tree.find('/n0'), lastRow)
  const copy = loaded(body)
  for (const change of since) applyChange(copy, change)
  assert.deepEqual(dumpTree(copy), dumpTree(tree))
})

test('a znode that changes or goes while it is copied is copied again, or left out with what is below', () => {
  const tree = new DataTree(options)
  for (const path of ['/p', '/p/c', '/p/gone', '/p/c/below', '/p/kept', '/p/kept/below']) {
    tree.createNode(path, null, OPEN_ACL_ID, 0n, -1, 1, 1)
  }
  tree.lastProcessedZxid = 1
  const added: ArenaChunk[] = []
  const shared = tree.beginSnapshot((chunk) => added.push(chunk))
  const large = new Uint8Array(2_000_000)
  // The reader asks for the chunk of each, in the middle of copying it: then they change.
  for (const path of ['/p/gone', '/p/kept']) tree.setData(path, large, 1, 2, 2)
  let asked = 0
  const reader = new SharedTreeReader(shared, () => {
    asked += 1
    if (asked === 1) tree.deleteNode('/p/gone', 3)
    else if (asked === 2) tree.setData('/p/kept', new Uint8Array([7]), 2, 4, 4)
    return added.splice(0, 1)
  })
  const writer = new SnapshotWriter(snapshotPrelude(noSessions, tree.acls), reader)
  const body = new Uint8Array(3_000_000)
  const length = writer.next(body)
  tree.endSnapshot(shared)
  const copy = loaded(body.subarray(0, length))
  assert.equal(copy.find('/p/gone'), -1)
  for (const path of ['/p', '/p/c', '/p/c/below', '/p/kept', '/p/kept/below']) assert.ok(copy.find(path) > 0, path)
  assert.equal(copy.dataLength(copy.find('/p/kept')), 1)
  assert.deepEqual([copy.nodeCount, asked], [10, 2])
})

test('reading stops where the body ends', () => {
  const body = snapshotOf(new DataTree(options))
  const reader = new SnapshotReader(options)
  const more = Buffer.concat([Buffer.from('before'), body, Buffer.from('seal')])
  assert.equal(reader.feed(more, 6, more.length), body.length)
  assert.equal(reader.done, true)
  assert.equal(reader.feed(more, 6, more.length), 0)
  const split = new SnapshotReader(options)
  assert.equal(split.feed(more, 6, body.length + 3), body.length - 3)
  assert.equal(split.feed(more, body.length + 3, more.length), 3)
  assert.equal(split.done, true)
})

test('any bytes are read or refused, and a body that is cut off is never done', () => {
  const tree = new DataTree(options)
  for (let i = 0; i < 20; i += 1) {
    tree.createNode(`/n${i}`, new Uint8Array(i), tree.acls.intern(OPEN_ACL_UNSAFE), BigInt(i % 2), -1, i, i)
  }
  tree.lastProcessedZxid = 20
  const body = snapshotOf(tree, new Map([[1n, 4000]]))
  for (let length = 0; length < body.length; length += 1) {
    const reader = load(body.subarray(0, length), 97)
    assert.deepEqual([reader.error, reader.done], [null, false], `${length}`)
  }
  const anyPatch = fc.array(fc.tuple(fc.nat(body.length - 1), fc.integer({ min: 0, max: 255 })), {
    minLength: 1,
    maxLength: 5,
  })
  const property = fc.property(anyPatch, fc.integer({ min: 1, max: 500 }), (patch, piece) => {
    const damaged = body.slice()
    for (const [at, byte] of patch) damaged[at] = byte
    const reader = load(damaged, piece)
    assert.ok(reader.error === null || !reader.done)
  })
  fc.assert(property, { numRuns: 400 })
})

/** A body of sections given as numbers (ints), bigints (longs) and strings. */
function bodyOf(...parts: (number | bigint | string)[]): Uint8Array {
  const written = parts.map((part) => {
    const bytes = Buffer.alloc(typeof part === 'bigint' ? 8 : 4)
    if (typeof part === 'bigint') bytes.writeBigInt64BE(part)
    else bytes.writeInt32BE(typeof part === 'string' ? Buffer.byteLength(part) : part)
    return typeof part === 'string' ? Buffer.concat([bytes, Buffer.from(part)]) : bytes
  })
  return Buffer.concat(written)
}

const zeroStat = [0n, 0n, 0n, 0n, 0, 0, 0, 0n, 0n]
const node = (path: string, aclId = -1n): (number | bigint | string)[] => [path, 0, aclId, ...zeroStat]

test('what is wrong with a body is told, and where', () => {
  const fixed = [0, 0, ...node('')]
  const wrong: [parts: (number | bigint | string)[], message: RegExp][] = [
    [[0, 0, '/'], /there is no root.* byte 8 /],
    [[...fixed, ...node('')], /root is not the first.* byte 84 /],
    [[0, 0, ...node('/a')], /no parent for \/a/],
    [[...fixed, ...node('/a/b')], /no parent for \/a\/b/],
    [[...fixed, ...node('a')], /no parent for a/],
    [[...fixed, ...node('//a')], /no parent for \/\/a/],
    [[...fixed, ...node('/a'), ...node('/a')], /comes twice: \/a/],
    [[...fixed, ...node('/a'), ...node('/a/')], /ends with a slash/],
    [[...fixed, -1, 0], /a path is null/],
    [[...fixed, -2, 0], /unreasonable length -2/],
    [[...fixed, 2 ** 31 - 1, 0], /unreasonable length 2147483647/],
    [[...fixed, '/a', 0x200000], /unreasonable length 2097152/],
    [[...fixed, ...node('/a', 2n ** 60n)], /unreasonable ACL id/],
    [[0, 1, 2n ** 60n, 0], /unreasonable ACL id/],
    [[0, 1, 1n, -1], /an ACL is null/],
    [[0, 1, 1n, 1, 31, -7, 0], /unreasonable length -7/],
  ]
  for (const [parts, message] of wrong) {
    const reader = load(bodyOf(...parts))
    assert.match(reader.error ?? 'none', message)
    assert.equal(reader.done, false)
  }
})

test('negative counts are none, as in Java', () => {
  const { tree } = load(bodyOf(-5, -5, ...node(''), '/'))
  assert.equal(tree.nodeCount, 2)
})

test('a znode whose list the table lacks is loaded, and put right by its transaction', () => {
  const tree = loaded(bodyOf(0, 1, 7n, 1, 1, 'world', 'anyone', ...node(''), ...node('/a', 9n), ...node('/b', 7n), '/'))
  assert.equal(tree.acls.get(tree.aclId(tree.find('/a'))), undefined)
  assert.deepEqual(tree.acls.get(tree.aclId(tree.find('/b'))), [{ perms: 1, id: { scheme: 'world', id: 'anyone' } }])
  // In Java, 8 and 9 are the next ids given out, and the removal of /a's 9 would drop a list that is in use.
  const other = [{ perms: 3, id: { scheme: 'world', id: 'anyone' } }]
  for (const perms of [2, 3]) {
    const acl = [{ perms, id: { scheme: 'world', id: 'anyone' } }]
    tree.createNode(`/c${perms}`, null, tree.acls.intern(acl), 0n, -1, 1, 1)
  }
  tree.setAcl('/a', tree.acls.intern(OPEN_ACL_UNSAFE), 1)
  assert.deepEqual(tree.acls.get(tree.aclId(tree.find('/c3'))), other)
  assert.deepEqual(tree.acls.get(tree.aclId(tree.find('/a'))), OPEN_ACL_UNSAFE)
})

test('a snapshot is written as it was loaded, whichever fields differ from those at the creation', () => {
  const long = fc.constantFrom(0n, 5n, 2n ** 32n + 5n, -5n)
  const int = fc.constantFrom(0, 1, -1, 2 ** 31 - 1)
  // The zxids have to be ones that no snapshot leaves out.
  const anyStat = fc.tuple(fc.constantFrom(0n, 5n), long, long, long, int, int, int, long, long)
  const property = fc.property(anyStat, anyStat, anyStat, (root, parent, child) => {
    const record = (path: string, stat: (number | bigint)[]): (number | bigint | string)[] => [path, 0, -1n, ...stat]
    const body = bodyOf(0, 0, ...record('', root), ...record('/a', parent), ...record('/a/b', child), '/')
    const tree = loaded(body)
    tree.lastProcessedZxid = 5
    assert.deepEqual(Buffer.from(snapshotOf(tree)), Buffer.from(body))
  })
  fc.assert(property, { numRuns: 300 })
})
