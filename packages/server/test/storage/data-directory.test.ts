import assert from 'node:assert/strict'
import test from 'node:test'
import { silentLog } from '@vivarium/env'
import { MemoryDisk } from '@vivarium/env/memory'
import { DataDirectory, DataDirectoryError } from '../../dist/storage/data-directory.js'
import { seeded } from './fixtures.ts'

function open(disk: MemoryDisk, settings: { dataLogDir?: string; autocreate?: boolean } = {}): Promise<DataDirectory> {
  return DataDirectory.open({ disk, log: silentLog, dataDir: '/data', autocreate: true, ...settings })
}

test('directories are created, and survive a power failure', async () => {
  const disk = new MemoryDisk()
  const { snapshotDirectory, logDirectory } = await open(disk, { dataLogDir: '/other/log' })
  assert.equal(snapshotDirectory, '/data/version-2')
  assert.equal(logDirectory, '/other/log/version-2')
  const after = disk.cutPower('lost', seeded(0))
  for (const path of [snapshotDirectory, logDirectory]) assert.equal((await after.stat(path))?.directory, true)
})

test('without autocreate they must be there', async () => {
  const disk = new MemoryDisk()
  await assert.rejects(open(disk, { autocreate: false }), /\/data\/version-2 does not exist/)
  await disk.makeDirectory('/data/version-2')
  await open(disk, { autocreate: false })
})

test('a file in place of a directory, and a disk that fails, are explained', async () => {
  const disk = new MemoryDisk()
  disk.place('/data', Uint8Array.of(1))
  await assert.rejects(open(disk), DataDirectoryError)
  const failing = new MemoryDisk({ fault: ({ kind }) => (kind === 'makeDirectory' ? { code: 'EACCES' } : null) })
  await assert.rejects(open(failing), /\/data\/version-2 cannot be used: EACCES/)
})

test('a directory serves one process at a time', async () => {
  const disk = new MemoryDisk()
  const first = await open(disk)
  await assert.rejects(open(disk), /another server is running in \/data\/version-2/)
  await first.close()
  const second = await open(disk, { dataLogDir: '/log' })
  await assert.rejects(
    DataDirectory.open({ disk, log: silentLog, dataDir: '/elsewhere', dataLogDir: '/log', autocreate: true }),
    DataDirectoryError,
  )
  // What the second attempt had claimed before it failed is free again.
  await second.close()
  await DataDirectory.open({ disk, log: silentLog, dataDir: '/elsewhere', dataLogDir: '/log', autocreate: true })
})

test('a file system that cannot lock is used all the same', async () => {
  const warnings: string[] = []
  const disk = new MemoryDisk({ fault: ({ kind }) => (kind === 'lock' ? { code: 'ENOTSUP' } : null) })
  const log = { ...silentLog, warn: (message: string) => warnings.push(message) }
  await DataDirectory.open({ disk, log, dataDir: '/data', autocreate: true })
  assert.equal(warnings.length, 1)
})

test('files in the wrong one of two directories are refused (ZOOKEEPER-2967)', async () => {
  for (const path of ['/data/version-2/log.1', '/log/version-2/snapshot.1.gz']) {
    const disk = new MemoryDisk()
    await (await open(disk, { dataLogDir: '/log' })).close()
    disk.place(path, Uint8Array.of(1))
    await assert.rejects(open(disk, { dataLogDir: '/log' }), new RegExp(path.replaceAll('.', '\\.')))
  }
})

test('myid is the number in its first line', async () => {
  const disk = new MemoryDisk()
  const directory = await open(disk)
  assert.equal(await directory.readMyId(), null)
  for (const [text, id] of [
    ['7', 7],
    [' 12 \nand more', 12],
  ] as const) {
    disk.place('/data/myid', Buffer.from(text))
    assert.equal(await directory.readMyId(), id)
  }
  for (const text of ['', 'one', '1.5', '\n3']) {
    disk.place('/data/myid', Buffer.from(text))
    await assert.rejects(directory.readMyId(), /\/data\/myid must have a number/)
  }
})

test('the initialize marker is found once', async () => {
  const disk = new MemoryDisk()
  const directory = await open(disk, { dataLogDir: '/log' })
  assert.equal(await directory.takeInitializeMarker(), false)
  disk.place('/log/initialize', new Uint8Array(0))
  assert.equal(await directory.takeInitializeMarker(), true)
  assert.equal(await directory.takeInitializeMarker(), false)
  assert.equal(await disk.cutPower('lost', seeded(0)).stat('/log/initialize'), null)
})

test('sizes are those of the files', async () => {
  const disk = new MemoryDisk()
  const directory = await open(disk, { dataLogDir: '/log' })
  disk.place('/log/version-2/log.1', new Uint8Array(100))
  disk.place('/data/version-2/snapshot.1', new Uint8Array(7))
  assert.deepEqual(await directory.sizes(), { dataBytes: 7, logBytes: 100 })
})
