import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { type Disk, silentLog } from '@vivarium/env'
import { nodeClock, nodeDisk } from '@vivarium/env/node'
import fc from 'fast-check'
import { createCompressor, decompress } from '../../dist/storage/snapshot-compression.js'
import type { Compression } from '../../dist/storage/snapshot-format.js'
import { isIntact, loadSnapshot } from '../../dist/storage/snapshot-reader.js'
import { InlineSnapshotRunner } from '../../dist/storage/snapshot-runner.js'
import { SnapshotSchedule } from '../../dist/storage/snapshot-schedule.js'
import { listSnapshots, removeUnfinishedSnapshots, SnapshotStore } from '../../dist/storage/snapshot-store.js'
import { WorkerSnapshotRunner } from '../../dist/storage/worker-snapshot-runner.js'
import { LOG_DIRECTORY, newDisk, seeded, settled } from './fixtures.ts'
import { createDatabase, dump, recoverFrom, SmallServer, TREE_OPTIONS } from './small-server.ts'

const METHODS: Compression[] = ['none', 'gz', 'snappy']

async function populated(disk: Disk, compression: Compression = 'none'): Promise<SmallServer> {
  const server = await SmallServer.start(disk, { compression })
  await server.takeSnapshot()
  for (let index = 0; index < 50; index++) server.create(`/n${index}`, `data ${index} `.repeat(index))
  await server.flush()
  return server
}

for (const method of METHODS) {
  test(`a stream that was compressed with ${method} is read back, in whatever pieces`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 70_000, size: 'max' }), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 100, max: 5000 }),
        async (pieces, chunkBytes) => {
          const compress = createCompressor(method)
          const compressed = Buffer.concat(pieces.map((piece) => compress(piece)))
          async function* chunks() {
            for (let at = 0; at < compressed.length; at += chunkBytes) yield compressed.subarray(at, at + chunkBytes)
          }
          const found: Uint8Array[] = []
          for await (const piece of decompress(method, chunks())) found.push(piece)
          assert.equal(Buffer.compare(Buffer.concat(found), Buffer.concat(pieces)), 0)
        },
      ),
      { numRuns: 10 },
    )
  })

  test(`a snapshot with ${method} that is reported written survives a power failure, and is intact`, async () => {
    const disk = await newDisk()
    const server = await populated(disk, method)
    const outcome = await server.takeSnapshot()
    assert.ok(outcome.ok)
    const after = disk.cutPower('lost', seeded(0))
    const loaded = await loadSnapshot(after, outcome.snapshot, TREE_OPTIONS)
    assert.ok('tree' in loaded)
    loaded.tree.lastProcessedZxid = 50
    assert.equal(dump(createDatabase(loaded.tree, loaded.sessions)), server.states.get(50))
    assert.equal(loaded.lastZxid, 50)
    assert.equal(await isIntact(after, outcome.snapshot), true)
    assert.deepEqual(server.snapshots.last, outcome.snapshot)
  })
}

test('a snapshot that fails is no failure of the server, and leaves nothing behind', async () => {
  let failing = false
  const disk = (await newDisk()).cutPower('kept', seeded(0), {
    fault: ({ kind, path }) =>
      failing && kind === 'write' && path.includes('snapshot') ? { code: 'ENOSPC', written: 9 } : null,
  })
  const server = await populated(disk)
  failing = true
  const outcome = await server.takeSnapshot()
  assert.equal(outcome.ok, false)
  assert.equal(server.snapshots.failed, 1)
  assert.equal(server.snapshots.busy, false)
  assert.deepEqual(await disk.list(LOG_DIRECTORY), ['log.1', 'snapshot.0'])
  server.create('/more')
  await server.flush()
  assert.equal(server.acknowledged, 51)
})

test('a snapshot is not found before the log has all that is in it', async () => {
  const disk = await newDisk()
  const server = await SmallServer.start(disk)
  server.create('/a')
  await server.flush()
  let [tellLogged, giveUp] = [() => {}, () => {}]
  const logged = () =>
    new Promise<boolean>((resolve) => {
      tellLogged = () => resolve(true)
      giveUp = () => resolve(false)
    })
  const snapshots = async () => (await listSnapshots(disk, LOG_DIRECTORY)).map(({ zxid }) => zxid)
  const taking = server.snapshots.take(server.database, logged)
  await settled()
  assert.deepEqual(await snapshots(), [])
  tellLogged()
  assert.equal((await taking).ok, true)
  assert.deepEqual(await snapshots(), [1])
  server.create('/b')
  await server.flush()
  const vain = server.snapshots.take(server.database, logged)
  await settled()
  giveUp()
  assert.equal((await vain).ok, false)
  assert.deepEqual(await snapshots(), [1])
  assert.deepEqual(await removeUnfinishedSnapshots(disk, LOG_DIRECTORY), [], 'and nothing is left of it')
})

test('a snapshot that would have what may be truncated again is given up, and the next one is not', async () => {
  const disk = await newDisk()
  const server = await populated(disk)
  const before = await listSnapshots(disk, LOG_DIRECTORY)
  const taking = server.snapshots.take(server.database, () => Promise.resolve(true))
  server.snapshots.giveUp()
  assert.equal((await taking).ok, false)
  assert.deepEqual(await listSnapshots(disk, LOG_DIRECTORY), before)
  assert.equal(server.snapshots.failed, 0)
  assert.ok((await server.takeSnapshot()).ok)
})

test('a snapshot is not begun when it would take the space that the log needs', async () => {
  const disk = await newDisk()
  const server = await populated(disk)
  disk.capacityBytes = 10_000_000
  const outcome = await server.takeSnapshot()
  assert.ok(!outcome.ok && outcome.error.code === 'ENOSPC')
  disk.capacityBytes = 20_000_000
  assert.ok((await server.takeSnapshot()).ok)
})

test('what crashes left of snapshots is removed, and nothing else', async () => {
  const disk = await newDisk()
  for (const name of ['snapshot-5.tmp', 'snapshot.6.tmp', 'snapshot.6.gz.tmp', 'currentEpoch.tmp', 'snapshot.8']) {
    disk.place(`${LOG_DIRECTORY}/${name}`, Uint8Array.of(1))
  }
  disk.place(`${LOG_DIRECTORY}/snapshot.7`, new Uint8Array(0))
  disk.place(`${LOG_DIRECTORY}/log.7`, new Uint8Array(0))
  await removeUnfinishedSnapshots(disk, LOG_DIRECTORY)
  assert.deepEqual(await disk.list(LOG_DIRECTORY), ['currentEpoch.tmp', 'log.7', 'snapshot.8'])
})

test('snapshots are known by their names, and sorted by zxid', async () => {
  const disk = await newDisk()
  for (const name of [
    'snapshot.9',
    'snapshot.10',
    'snapshot.a.gz',
    'snapshot.B.snappy',
    'snapshot.x',
    'snapshot.',
    'snap.5',
  ]) {
    disk.place(`${LOG_DIRECTORY}/${name}`, Uint8Array.of(1))
  }
  const found = (await listSnapshots(disk, LOG_DIRECTORY)).map(({ zxid, compression }) => `${zxid} ${compression}`)
  assert.deepEqual(found, ['16 none', '11 snappy', '10 gz', '9 none'])
})

test('for a small snapshot no thread is started', async () => {
  const disk = await newDisk()
  const runner = new WorkerSnapshotRunner(new InlineSnapshotRunner(disk, nodeClock))
  const { tree, sessions } = (await populated(disk)).database
  const job = { directory: LOG_DIRECTORY, compression: 'none', withLastZxid: true, pieceBytes: 4096 } as const
  // A thread would not find the disk in memory.
  const { unfinished } = await runner.run({ ...job, zxid: tree.lastProcessedZxid }, { tree, sessions })
  assert.ok(disk.contents(unfinished).length > 0)
})

test('a worker writes a snapshot while the tree changes; with the log it leads to the same tree', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vivarium-snapshot-'))
  const runner = new WorkerSnapshotRunner(new InlineSnapshotRunner(nodeDisk, nodeClock), 0)
  try {
    const disk = await newDisk()
    const server = await populated(disk)
    const store = new SnapshotStore({
      disk: nodeDisk,
      clock: nodeClock,
      log: silentLog,
      directory: folder,
      compression: 'none',
      withLastZxid: true,
      runner,
      pieceBytes: 4096,
    })
    const taking = store.take(server.database, () => server.log.settled())
    assert.equal(store.busy, true)
    let changes = 0
    let done = false
    taking.finally(() => {
      done = true
    })
    while (!done) {
      if (changes < 3000) server.create(`/while${changes}`, 'x'.repeat(changes % 300))
      changes++
      await server.flush()
    }
    const outcome = await taking
    assert.ok(outcome.ok, String(!outcome.ok && outcome.error))
    const file = await nodeDisk.open(outcome.snapshot.path, 'read')
    const bytes = await file.read(0, outcome.snapshot.bytes)
    await file.close()
    await disk.remove(`${LOG_DIRECTORY}/snapshot.0`)
    disk.place(`${LOG_DIRECTORY}/snapshot.${outcome.snapshot.zxid.toString(16)}`, bytes)
    const recovery = await recoverFrom(disk)
    assert.equal(dump(recovery.database), server.states.get(server.acknowledged))
    assert.equal(recovery.snapshotDigestMatches, true)
    // The thread serves for the next one as well, and reports what fails.
    assert.ok((await store.take(server.database, () => server.log.settled())).ok)
    const elsewhere = {
      directory: join(folder, 'missing'),
      zxid: 1,
      compression: 'none',
      withLastZxid: true,
      pieceBytes: 100,
    } as const
    await assert.rejects(runner.run(elsewhere, server.database), { code: 'ENOENT' })
  } finally {
    await runner.close()
    rmSync(folder, { recursive: true })
  }
})

test('a snapshot is due after between half of the limit and all of it', () => {
  for (const [draw, due] of [
    [0, 51],
    [2 ** 31, 76],
    [2 ** 32 - 1, 100],
  ] as const) {
    const schedule = new SnapshotSchedule({ snapCount: 100, snapBytes: 0, random: { uint32: () => draw } })
    for (const round of [1, 2]) {
      let count = 1
      while (!schedule.logged(1000)) count++
      assert.equal(count, due, `round ${round}`)
    }
  }
})

test('a snapshot waits until the log is eight times as long as the last one, unless a number of transactions was asked for', () => {
  let snapshotBytes = 75
  const options = { snapCount: 4, snapBytes: 0, random: { uint32: () => 0 } }
  const schedule = new SnapshotSchedule({ ...options, snapshotBytes: () => snapshotBytes })
  const due = () => [200, 200, 200, 200].map((bytes) => schedule.logged(bytes))
  assert.deepEqual(due(), [false, false, true, false], 'there was none before')
  assert.deepEqual(due(), [false, true, false, false])
  snapshotBytes = 150
  assert.deepEqual(due(), [true, false, false, false], 'the next one counts from the larger')
  assert.deepEqual(due(), [false, false, true, false])
  assert.equal(schedule.replayed(1000, 400, 200), false)
  assert.equal(schedule.replayed(1, 200, 200), true, 'what was replayed need only be four times as long')
  assert.equal(new SnapshotSchedule(options).replayed(3, 1, 200), true)
})

test('in a pause, a snapshot is due once the log is four times as long as the last one', () => {
  const options = { snapCount: 4, snapBytes: 0, random: { uint32: () => 0 }, snapshotBytes: () => 1 << 20 }
  const schedule = new SnapshotSchedule(options)
  schedule.restart()
  for (let i = 0; i < 3; i++) schedule.logged(1 << 20)
  assert.equal(schedule.paused(), false, 'much was logged')
  assert.equal(schedule.paused(), false, 'a pause, but it is not worth one')
  schedule.logged(2 << 20)
  assert.equal(schedule.paused(), false)
  schedule.logged(1 << 20)
  assert.equal(schedule.paused(), true, 'that is little')
  assert.equal(schedule.paused(), false)
})

test('a snapshot is due for the bytes logged, too', () => {
  const schedule = new SnapshotSchedule({ snapCount: 100_000, snapBytes: 1000, random: { uint32: () => 0 } })
  assert.deepEqual(
    [400, 100, 1, 500, 1].map((bytes) => schedule.logged(bytes)),
    [false, false, true, false, true],
  )
  schedule.logged(500)
  schedule.restart()
  assert.equal(schedule.logged(500), false)
})
