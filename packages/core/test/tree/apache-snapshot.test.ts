import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { SharedTreeReader, SnapshotReader, SnapshotWriter, snapshotPrelude } from '../../dist/tree/index.js'
import { digestOf, dumpTree } from './model-tree.ts'

/**
 * Written by Apache ZooKeeper 3.9.5 when it was started with extended types over a log of creations of all kinds,
 * changes, deletions, ACLs and a quota; two sessions' ephemeral znodes were alive.
 */
const file = readFileSync(new URL('../../test/tree/fixtures/apache-3.9.5-snapshot.1f', import.meta.url))
const HEADER_BYTES = 16
const options = { hashSeed: 8, extendedTypes: true }

function load(): { reader: SnapshotReader; end: number } {
  const reader = new SnapshotReader(options)
  const consumed = reader.feed(file, HEADER_BYTES, file.length)
  assert.deepEqual([reader.error, reader.done], [null, true])
  return { reader, end: HEADER_BYTES + consumed }
}

test('the digest of a snapshot by Apache is the one it says', () => {
  const { reader, end } = load()
  const digestAt = end + 8 + 5 // Behind the first seal.
  assert.equal(file.readBigInt64BE(digestAt), 0x1fn)
  assert.equal(file.readInt32BE(digestAt + 8), 2)
  assert.equal(digestOf(reader.tree), file.readBigUInt64BE(digestAt + 12))
})

test('a snapshot by Apache has what was done before', () => {
  const { reader } = load()
  const { tree, sessions } = reader
  const text = (path: string): string => Buffer.from(tree.data(tree.find(path)) ?? []).toString()
  assert.equal(sessions.size, 2)
  assert.deepEqual(new Set(sessions.values()), new Set([40_000]))
  assert.deepEqual(new Set(tree.sessionsWithEphemerals()), new Set(sessions.keys()))
  assert.equal(text('/app/config'), 'changed-again')
  assert.equal(tree.version(tree.find('/app/config')), 2)
  assert.equal(text('/größe-ключ-鍵'), 'unicode')
  assert.equal(tree.data(tree.find('/nodata')), null)
  assert.ok(tree.ownerIsSession(tree.find('/app/session-node')))
  assert.deepEqual(
    [...tree.containers].map((node) => tree.pathOf(node)),
    ['/app/container'],
  )
  assert.deepEqual(
    [...tree.ttlNodes].map((node) => tree.ttl(node)),
    [86_400_000],
  )
  assert.deepEqual(tree.acls.get(tree.aclId(tree.find('/secret'))), [
    { perms: 1, id: { scheme: 'world', id: 'anyone' } },
  ])
  assert.equal(tree.find('/app/item-0000000001'), -1)
  // Eleven children were created: the shell shows 22 minus those that there are.
  assert.equal(tree.cversion(tree.find('/app')), 11)
})

test('written again and loaded, it is the same tree', () => {
  const { tree, sessions } = load().reader
  tree.lastProcessedZxid = 0x1f
  const shared = tree.beginSnapshot()
  const writer = new SnapshotWriter(snapshotPrelude(sessions, tree.acls), new SharedTreeReader(shared, () => []))
  const body = new Uint8Array(file.length * 2)
  const length = writer.next(body)
  tree.endSnapshot(shared)
  const again = new SnapshotReader(options)
  assert.equal(again.feed(body, 0, length), length)
  assert.deepEqual(again.sessions, sessions)
  assert.deepEqual(dumpTree(again.tree), dumpTree(tree))
})
