import assert from 'node:assert/strict'
import test from 'node:test'
import type { MemoryDisk } from '@vivarium/env/memory'
import { type Examination, examine } from '../../../dist/storage/tools/examine.js'
import { applyRepair } from '../../../dist/storage/tools/repair.js'
import { recoverFrom } from '../small-server.ts'
import { at, change, contents, twoLogs } from './files.ts'

const look = (disk: MemoryDisk): Promise<Examination> => examine(disk, { dataDir: '/data', dataLogDir: '/data' })

const told = ({ findings }: Examination): string[] =>
  findings.map(({ severity, path, text }) => `${severity}: ${path?.replace('/data/version-2/', '')} ${text}`)

async function mend(disk: MemoryDisk, found: Examination, name: string): Promise<Examination> {
  const repair = found.repairs.find((each) => each.name === name)
  assert.ok(repair, `${name} is not among ${found.repairs.map((each) => each.name)}`)
  await applyRepair(disk, repair, 'now')
  return await look(disk)
}

/** The last transaction that a server has that starts there. */
const lastZxid = async (disk: MemoryDisk): Promise<number> => (await recoverFrom(disk)).lastZxid

const corrupt =
  (text: string) =>
  (bytes: Buffer): undefined => {
    bytes[bytes.indexOf(text)] = 0x44
  }

test('nothing is found where nothing is wrong, and nothing is changed', async () => {
  const disk = await twoLogs()
  const before = await disk.list('/data/version-2')
  const found = await look(disk)
  assert.deepEqual([told(found), found.repairs], [[], []])
  assert.deepEqual(
    found.snapshots.map(({ zxid, damage }) => [zxid, damage]),
    [
      [20, null],
      [0, null],
    ],
  )
  assert.deepEqual(
    found.logs.files.map(({ records, first, last }) => [records, first, last]),
    [
      [20, 1, 20],
      [20, 21, 40],
    ],
  )
  assert.deepEqual(found.outlook, { starts: true, snapshot: at('snapshot.14'), transactions: 20, lastZxid: 40 })
  assert.deepEqual(await disk.list('/data/version-2'), before)
})

test('a torn end is cut off, and loses nothing', async () => {
  const disk = await twoLogs()
  await change(disk, at('log.15'), (bytes) => bytes.subarray(0, bytes.lastIndexOf('data of b19')))
  const found = await look(disk)
  assert.match(told(found).join(), /^warning: log\.15 ends in a write that a crash cut off, at byte \d+, after 0x27/)
  assert.ok(found.outlook.starts)
  const after = await mend(disk, found, 'torn')
  assert.deepEqual([told(after), await lastZxid(disk)], [[], 39])
  assert.ok((await contents(disk, '/data/before-repair-now/log.15')).length > 0)
})

test('a checksum that is wrong is recomputed, or the log ends before it', async () => {
  for (const [name, last] of [
    ['checksums', 40],
    ['cut', 27],
  ] as const) {
    const disk = await twoLogs()
    await change(disk, at('log.15'), corrupt('data of b7'))
    const found = await look(disk)
    assert.match(
      told(found).join(),
      /^error: log\.15 is damaged at byte \d+, after 0x1b: .*\(12 transactions behind it/,
    )
    assert.equal(found.outlook.starts, false)
    assert.match(found.repairs.find((each) => each.name === 'cut')?.loses ?? '', /after 0x1b: 12 transactions/)
    const after = await mend(disk, found, name)
    assert.deepEqual([told(after), await lastZxid(disk)], [[], last])
  }
})

test('damage that a newer snapshot makes up for is no error', async () => {
  const disk = await twoLogs()
  await change(disk, at('log.1'), corrupt('data of a7'))
  const found = await look(disk)
  assert.match(told(found).join(), /^warning: log\.1 is damaged .* a newer snapshot makes up for it/)
  assert.deepEqual([found.outlook.starts, found.repairs], [true, []])
})

test('damage before the snapshot counts if a server has to read past it', async () => {
  for (const [name, last] of [
    ['checksums', 40],
    ['cut', 20],
  ] as const) {
    const disk = await twoLogs()
    // One file with all of it, as where nothing was rolled.
    const [first, second] = [await contents(disk, at('log.1')), await contents(disk, at('log.15'))]
    const end = first.lastIndexOf('data of a19')
    const whole = first.subarray(0, first.indexOf('B', end + 'data of a19'.length) + 1)
    disk.place(at('log.1'), Buffer.concat([whole, second.subarray(16)]))
    await disk.remove(at('log.15'))
    assert.deepEqual(told(await look(disk)), [])
    await change(disk, at('log.1'), corrupt('data of a7'))
    const found = await look(disk)
    assert.match(told(found).join(), /^error: log\.1 is damaged at byte \d+, after 0x7: .*\(20 transactions behind it/)
    assert.equal(found.outlook.starts, false)
    const after = await mend(disk, found, name)
    assert.deepEqual([told(after), await lastZxid(disk)], [[], last])
  }
})

test('a snapshot may be ahead of the log', async () => {
  const disk = await twoLogs()
  await disk.remove(at('log.15'))
  await change(disk, at('log.1'), (bytes) => bytes.subarray(0, bytes.lastIndexOf('data of a19')))
  const found = await look(disk)
  assert.match(told(found).join(), /^warning: log\.1 ends in a write that a crash cut off/)
  assert.match(
    told(await mend(disk, found, 'torn')).join(),
    /^note: snapshot\.14 is ahead of the log, which ends at 0x13/,
  )
  assert.equal(await lastZxid(disk), 20)
})

test('a header of another kind of file is written anew', async () => {
  const disk = await twoLogs()
  await change(disk, at('log.15'), (bytes) => {
    bytes[9]! ^= 1
    return undefined
  })
  const found = await look(disk)
  assert.match(
    told(found).join(),
    /^error: log\.15 is damaged at byte 0, .*: the header is not that of a transaction log/,
  )
  assert.equal(found.outlook.starts, false)
  const after = await mend(disk, found, 'checksums')
  assert.deepEqual([told(after), await lastZxid(disk)], [[], 40])
})

test('a log that is missing shows as a hole', async () => {
  const disk = await twoLogs()
  await disk.remove(at('snapshot.14'))
  await disk.remove(at('log.1'))
  const found = await look(disk)
  assert.match(told(found).join(), /^error: log\.15 has a hole .*: the transactions from 0x1 to 0x14 are in no log/)
  assert.match(found.outlook.starts ? '' : found.outlook.reason, /those between are missing/)
  const after = await mend(disk, found, 'cut')
  assert.deepEqual([told(after), await lastZxid(disk)], [[], 0])
  assert.deepEqual(await disk.list('/data/before-repair-now'), ['log.15'])
})

test('a damaged snapshot is made up for by an older one and the log, or is not', async () => {
  const disk = await twoLogs()
  await change(disk, at('snapshot.14'), corrupt('data of a7'))
  const found = await look(disk)
  assert.match(told(found).join(), /^warning: snapshot\.14 is damaged \(a checksum does not match\); an older one/)
  assert.deepEqual(told(await mend(disk, found, 'snapshots')), [])
  const other = await twoLogs()
  await change(other, at('snapshot.14'), corrupt('data of a7'))
  await other.remove(at('log.15'))
  await change(other, at('log.1'), (bytes) => bytes.subarray(0, bytes.indexOf('data of a7')))
  const worse = await look(other)
  assert.match(told(worse).join(), /error: snapshot\.14 .*neither an older one nor the log have all of it/)
  assert.equal(worse.outlook.starts, false)
  assert.match(worse.repairs.find((each) => each.name === 'snapshots')?.loses ?? '', /between 0x7 and 0x14/)
  assert.ok((await mend(other, worse, 'snapshots')).outlook.starts)
})

test('what a crash leaves is taken away', async () => {
  const disk = await twoLogs()
  for (const name of ['snapshot-28.tmp', 'log.29.tmp', 'snapshot.29']) disk.place(at(name), Buffer.alloc(0))
  const found = await look(disk)
  assert.equal(found.findings.filter(({ severity }) => severity === 'note').length, 3)
  assert.deepEqual(told(await mend(disk, found, 'leftovers')), [])
})

test('files in the wrong one of two directories are told', async () => {
  const disk = await twoLogs()
  await disk.makeDirectory('/logs/version-2')
  for (const name of ['log.15', 'snapshot.0']) await disk.rename(at(name), `/logs/version-2/${name}`)
  const found = await examine(disk, { dataDir: '/data', dataLogDir: '/logs' })
  assert.deepEqual(told(found).sort(), [
    'error: /logs/version-2/snapshot.0 is a snapshot among the logs: it belongs into /data/version-2',
    'error: log.1 is a log among the snapshots: it belongs into /logs/version-2',
  ])
  assert.ok(found.outlook.starts)
})

test('epochs that contradict each other or the data are put right', async () => {
  const disk = await twoLogs()
  disk.place('/data/myid', Buffer.from('3\n'))
  disk.place(at('acceptedEpoch'), Buffer.from('2'))
  disk.place(at('currentEpoch'), Buffer.from('5'))
  const found = await look(disk)
  assert.deepEqual([found.myid, found.acceptedEpoch, found.currentEpoch], [3, 2, 5])
  assert.match(told(found).join(), /^error: acceptedEpoch says 2, and currentEpoch 5/)
  const after = await mend(disk, found, 'epochs')
  assert.deepEqual([told(after), after.acceptedEpoch, after.currentEpoch], [[], 5, 5])
  assert.equal(String(await contents(disk, '/data/before-repair-now/acceptedEpoch')), '2')
  disk.place(at('currentEpoch'), Buffer.from('five'))
  const unreadable = await look(disk)
  assert.match(told(unreadable).join(), /an epoch file has no number/)
  assert.deepEqual(told(await mend(disk, unreadable, 'epochs')), [])
  await disk.remove('/data/myid')
  assert.match(told(await look(disk)).join(), /^warning: \/data\/myid is missing/)
})
