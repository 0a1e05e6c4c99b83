import assert from 'node:assert/strict'
import test from 'node:test'
import { ApplyResult, applyTxn, CommittedLog } from '@vivarium/core'
import { silentLog } from '@vivarium/env'
import type { MemoryDisk } from '@vivarium/env/memory'
import { OpCode, Writer, writeTxn } from '@vivarium/protocol'
import { readHistory, truncateHistory } from '../../dist/storage/history.js'
import { recover } from '../../dist/storage/recovery.js'
import { RecoveryError } from '../../dist/storage/recovery-error.js'
import type { TransactionLog } from '../../dist/storage/transaction-log.js'
import { LOG_DIRECTORY, newDisk, openLog } from './fixtures.ts'
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

const EPOCH = 2 ** 32

/** A transaction that changes nothing. */
function appendNothing(log: TransactionLog, zxid: number): void {
  const writer = new Writer()
  writeTxn(writer, { clientId: 1n, cxid: 1, zxid, time: 0, type: OpCode.error, record: { err: -101 }, digest: null })
  log.append(zxid, writer.bytes, 0, writer.length)
}

test('a log that goes on in a later epoch does not make good for a damaged snapshot that it does not reach', async () => {
  const disk = await newDisk()
  const server = await SmallServer.start(disk)
  await server.takeSnapshot()
  for (const path of ['/a', '/b', '/c']) server.create(path)
  await server.flush()
  await server.log.close()
  const next = openLog({ disk })
  appendNothing(next, EPOCH + 1)
  await next.close()
  const recovered = async (zxid: number): Promise<string> => {
    const copy = disk.cutPower('kept', { uint32: () => 0 })
    copy.place(`${LOG_DIRECTORY}/snapshot.${zxid.toString(16)}`, Buffer.from('5a4b534e', 'hex'))
    return recoverFrom(copy).then(
      ({ damagedSnapshots }) => `without ${damagedSnapshots.length}`,
      (error: unknown) => (error instanceof RecoveryError ? error.message : String(error)),
    )
  }
  assert.equal(await recovered(3), 'without 1')
  assert.match(await recovered(4), /log ends at 0x3 and goes on with 0x100000001, without what was in it/)
  assert.match(
    await recovered(EPOCH),
    /log ends at 0x3 and goes on/,
    'as a leader sends it before its first transaction',
  )
  assert.match(await recovered(EPOCH + 2), /log ends at 0x100000001, without what was in it/)
})

test('what the log has is not sent to others if a snapshot shows that it lacks the end of an epoch', async () => {
  const disk = await newDisk()
  const log = openLog({ disk })
  const zxids = [1, 2, EPOCH + 1, EPOCH + 2, 3 * EPOCH + 1]
  for (const zxid of zxids) appendNothing(log, zxid)
  await log.close()
  const read = async (zxid: number, until: number, ...snapshots: number[]): Promise<number[] | null> => {
    const files = snapshots.map((of) => ({ path: '', zxid: of, compression: 'none' as const }))
    const txns = await readHistory(disk, LOG_DIRECTORY, { zxid, until, maxBytes: 1000, snapshots: files })
    return txns?.map((txn) => txn.zxid) ?? null
  }
  const [first, second, last] = [2, EPOCH + 2, 3 * EPOCH + 1]
  assert.deepEqual(await read(0, last), null, 'it does not reach back that far')
  assert.deepEqual(await read(1, last, 1, first, EPOCH + 1, last), zxids)
  assert.deepEqual(await read(1, last, EPOCH), null, 'as a leader sends it before its first transaction')
  assert.deepEqual(await read(1, last, first + 1), null)
  assert.deepEqual(await read(1, last, second + 1), null)
  assert.deepEqual(await read(1, second, second + 1), zxids.slice(0, 4), 'that comes later')
  assert.deepEqual(await read(EPOCH + 1, last, first + 1), zxids.slice(2), 'that was before')
})
