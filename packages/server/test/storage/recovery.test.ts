import assert from 'node:assert/strict'
import test from 'node:test'
import { ApplyResult, applyTxn, CommittedLog } from '@vivarium/core'
import { silentLog } from '@vivarium/env'
import type { MemoryDisk } from '@vivarium/env/memory'
import { truncateHistory } from '../../dist/storage/history.js'
import { recover } from '../../dist/storage/recovery.js'
import { RecoveryError } from '../../dist/storage/recovery-error.js'
import { LOG_DIRECTORY, newDisk } from './fixtures.ts'
import { createDatabase, dump, recoverFrom, SmallServer, TREE_OPTIONS } from './small-server.ts'

function untrusted(disk: MemoryDisk) {
  return recover({
    disk,
    log: silentLog,
    snapshotDirectory: LOG_DIRECTORY,
    logDirectory: LOG_DIRECTORY,
    tree: TREE_OPTIONS,
    createDatabase,
    trustEmptySnapshot: false,
    trustEmptyDatabase: false,
    removeDeadSessions: true,
    committed: null,
  })
}

test('an empty directory is an empty database at zxid 0, or at −1 if nobody vouches for it', async () => {
  const recovery = await recoverFrom(await newDisk())
  assert.equal(recovery.lastZxid, 0)
  assert.equal(recovery.snapshot, null)
  assert.notEqual(recovery.database.tree.find('/zookeeper/config'), -1)
  assert.equal((await untrusted(await newDisk())).lastZxid, -1)
})

test('a snapshot vouches for itself', async () => {
  const disk = await newDisk()
  await (await SmallServer.start(disk)).takeSnapshot()
  assert.equal((await untrusted(disk)).lastZxid, 0)
})

test('a log without a snapshot is refused, unless one is told to replay it (ZOOKEEPER-2325)', async () => {
  const disk = await newDisk()
  const server = await SmallServer.start(disk)
  server.create('/a')
  await server.flush()
  await assert.rejects(recoverFrom(disk), RecoveryError)
  const recovery = await recoverFrom(disk, { trustEmptySnapshot: true })
  assert.equal(dump(recovery.database), server.states.get(1))
})

test('a log without a transaction is as good as none', async () => {
  const disk = await newDisk()
  disk.place(`${LOG_DIRECTORY}/log.1`, Buffer.from('5a4b4c47000000020000000000000000', 'hex'))
  assert.equal((await recoverFrom(disk)).lastZxid, 0)
})

test('a log without a snapshot that cannot be read is refused as well', async () => {
  const disk = await newDisk()
  disk.place(`${LOG_DIRECTORY}/log.1`, Buffer.from('5a4b4c48000000020000000000000000ff', 'hex'))
  await assert.rejects(recoverFrom(disk), RecoveryError)
})

test('a first snapshot that was cut off is no loss, a later one is', async () => {
  const disk = await newDisk()
  disk.place(`${LOG_DIRECTORY}/snapshot.0`, Buffer.from('5a4b534e', 'hex'))
  assert.equal((await recoverFrom(disk)).lastZxid, 0)
  disk.place(`${LOG_DIRECTORY}/snapshot.5`, Buffer.from('5a4b534e', 'hex'))
  await assert.rejects(recoverFrom(disk), /snapshot\.5: it is cut off/)
})

test('a member whose snapshot is ahead of its log trusts digests again once it has been sent what it lacks', async () => {
  const disk = await newDisk()
  const server = await SmallServer.start(disk)
  await server.takeSnapshot()
  // In several pieces, between which the others come.
  for (let index = 0; index < 40; index++) server.create(`/before-${index}`, 'x'.repeat(400))
  await server.flush()
  const taken = server.takeSnapshot()
  for (const path of ['/a', '/b', '/c']) server.create(path)
  await server.flush()
  const outcome = await taken
  assert.ok(outcome.ok)
  const committed = new CommittedLog()
  await recoverFrom(disk, { committed })
  const missing = committed.after(outcome.snapshot.zxid)
  assert.ok(missing.length > 0)
  // Its own disk was behind: others had these, and so they were committed.
  await truncateHistory(disk, { snapshotDirectory: LOG_DIRECTORY, logDirectory: LOG_DIRECTORY }, outcome.snapshot.zxid)
  const { database } = await recoverFrom(disk, { committed })
  assert.equal(database.comparesDigests, false)
  for (const { txn } of missing) applyTxn(database, txn, new ApplyResult())
  assert.equal(database.digestMismatches, 0)
  assert.equal(database.comparesDigests, true)
  assert.equal(dump(database), server.states.get(server.acknowledged))
})

test('ephemeral znodes of a session that is not there are removed', async () => {
  const disk = await newDisk()
  const server = await SmallServer.start(disk)
  await server.takeSnapshot()
  server.create('/e', 'x', { ephemeral: true, clientId: 77n })
  await server.flush()
  const recovery = await recoverFrom(disk)
  assert.deepEqual(recovery.deadSessions, [77n])
  assert.equal(recovery.database.tree.find('/e'), -1)
})

test('a disk error while reading is reported as such, and nothing is repaired', async () => {
  const disk = await newDisk()
  const server = await SmallServer.start(disk)
  await server.takeSnapshot()
  server.create('/a')
  await server.flush()
  const failing = disk.cutPower(
    'kept',
    { uint32: () => 0 },
    {
      fault: ({ kind, path }) => (kind === 'read' && path.includes('log.') ? { code: 'EIO' } : null),
    },
  )
  await assert.rejects(recoverFrom(failing), { code: 'EIO' })
})

test('a snapshot that cannot be read is passed over like a damaged one', async () => {
  const disk = await newDisk()
  const server = await SmallServer.start(disk)
  await server.takeSnapshot()
  server.create('/a')
  await server.flush()
  await server.takeSnapshot()
  const failing = disk.cutPower(
    'kept',
    { uint32: () => 0 },
    {
      fault: ({ kind, path, bytes }) =>
        kind === 'read' && path.endsWith('snapshot.1') && bytes > 5 ? { code: 'EIO' } : null,
    },
  )
  const recovery = await recoverFrom(failing)
  assert.equal(dump(recovery.database), server.states.get(1))
  assert.match(recovery.damagedSnapshots[0]?.damage ?? '', /EIO/)
})
