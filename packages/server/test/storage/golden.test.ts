import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import test from 'node:test'
import type { Database } from '@vivarium/core'
import type { MemoryDisk } from '@vivarium/env/memory'
import { isIntact } from '../../dist/storage/snapshot-reader.js'
import { listSnapshots } from '../../dist/storage/snapshot-store.js'
import { LOG_DIRECTORY, newDisk } from './fixtures.ts'
import { recoverFrom, SmallServer } from './small-server.ts'

const GOLDEN = new URL('../../test/storage/golden/', import.meta.url)

async function goldenDisk(name: string): Promise<{ disk: MemoryDisk; expected: string[] }> {
  const disk = await newDisk()
  const folder = new URL(`${name}/`, GOLDEN)
  for (const file of readdirSync(folder)) {
    if (file !== 'expected.txt') disk.place(`${LOG_DIRECTORY}/${file}`, readFileSync(new URL(file, folder)))
  }
  return { disk, expected: readFileSync(new URL('expected.txt', folder), 'utf8').trimEnd().split('\n').sort() }
}

/** The tree as Java's client saw it, in the form of `expected.txt`. */
function told({ tree }: Database): string[] {
  const lines: string[] = []
  const visit = (node: number): void => {
    const children = tree.childCount(node)
    const data = tree.data(node)
    const acl = (tree.acls.get(tree.aclId(node)) ?? []).map(({ perms, id }) => `${perms}:${id.scheme}:${id.id}`)
    const fields = [
      tree.czxid(node),
      tree.mzxid(node),
      tree.pzxid(node),
      tree.ctime(node),
      tree.mtime(node),
      tree.version(node),
      tree.cversion(node) * 2 - children,
      tree.aversion(node),
      tree.ownerIsSession(node) ? tree.owner(node) : 0,
      children,
      data === null ? 'null' : Buffer.from(data).toString('hex'),
    ]
    lines.push([tree.pathOf(node), ...fields, ...acl].join(' '))
    tree.forEachChild(node, visit)
  }
  visit(0)
  return lines.sort()
}

for (const { name, zxid, snapshot, sessions } of [
  { name: 'stopped', zxid: 0x17, snapshot: 'snapshot.0', sessions: 1 },
  { name: 'killed', zxid: 0x5d, snapshot: 'snapshot.0', sessions: 1 },
  { name: 'gz', zxid: 0x2e, snapshot: 'snapshot.17.gz', sessions: 2 },
  { name: 'snappy', zxid: 0x2e, snapshot: 'snapshot.17.snappy', sessions: 2 },
  { name: 'fuzzy', zxid: 0, snapshot: '', sessions: 1 },
]) {
  test(`what Java left in “${name}” is what Java had`, async () => {
    const { disk, expected } = await goldenDisk(name)
    const recovery = await recoverFrom(disk)
    assert.deepEqual(told(recovery.database), expected)
    assert.equal(recovery.digestMismatches, 0)
    assert.notEqual(recovery.snapshotDigestMatches, false)
    assert.equal(recovery.torn, null)
    assert.deepEqual(recovery.damagedSnapshots, [])
    assert.deepEqual(recovery.deadSessions, [])
    assert.equal(recovery.database.sessions.size, sessions)
    if (zxid > 0) assert.equal(recovery.lastZxid, zxid)
    if (snapshot !== '') assert.equal(recovery.snapshot?.path, `${LOG_DIRECTORY}/${snapshot}`)
    for (const file of await listSnapshots(disk, LOG_DIRECTORY)) assert.ok(await isIntact(disk, file), file.path)
  })
}

test('every snapshot that Java took while it wrote leads to the same tree', async () => {
  const { disk, expected } = await goldenDisk('fuzzy')
  const snapshots = await listSnapshots(disk, LOG_DIRECTORY)
  assert.ok(snapshots.length >= 3)
  let fuzzy = 0
  for (const { path } of snapshots) {
    const recovery = await recoverFrom(disk)
    assert.equal(recovery.snapshot?.path, path)
    assert.deepEqual(told(recovery.database), expected, path)
    assert.equal(recovery.digestMismatches, 0, path)
    assert.equal(recovery.snapshotDigestMatches, path.endsWith('.0') ? null : true, path)
    if (recovery.transactions > 0) fuzzy++
    await disk.remove(path)
  }
  assert.ok(fuzzy >= 3)
})

test('a server goes on in a directory of Java’s', async () => {
  for (const name of ['killed', 'gz', 'snappy']) {
    const { disk } = await goldenDisk(name)
    const server = await SmallServer.start(disk)
    server.create('/ours', 'x')
    await server.flush()
    await server.takeSnapshot()
    server.create('/ours/too', 'y')
    await server.flush()
    const recovery = await recoverFrom(disk)
    assert.equal(recovery.lastZxid, server.acknowledged)
    assert.equal(recovery.digestMismatches, 0)
    assert.equal(told(recovery.database).filter((line) => line.startsWith('/ours')).length, 2)
  }
})
