import assert from 'node:assert/strict'
import test from 'node:test'
import type { MemoryDisk } from '@vivarium/env/memory'
import { Purger } from '../../dist/storage/purge.js'
import { LOG_DIRECTORY, newDisk } from './fixtures.ts'
import { dump, recoverFrom, SmallServer } from './small-server.ts'

/** Snapshots at 0, 2, 4, 6, 8 and 10, logs from 1, 3, 5, 7 and 9 on. */
async function sixSnapshots(): Promise<{ disk: MemoryDisk; server: SmallServer }> {
  const disk = await newDisk()
  const server = await SmallServer.start(disk)
  await server.takeSnapshot()
  for (let index = 0; index < 10; index++) {
    server.create(`/n${index}`)
    await server.flush()
    if (index % 2 === 1) await server.takeSnapshot()
  }
  return { disk, server }
}

function purger(disk: MemoryDisk, retain: number): Purger {
  return new Purger({ disk, snapshotDirectory: LOG_DIRECTORY, logDirectory: LOG_DIRECTORY, retain })
}

test('the newest snapshots stay, and the logs that go on from the oldest of them', async () => {
  const { disk, server } = await sixSnapshots()
  const { removed, damaged } = await purger(disk, 3).purge()
  assert.deepEqual(await disk.list(LOG_DIRECTORY), [
    'log.5',
    'log.7',
    'log.9',
    'snapshot.6',
    'snapshot.8',
    'snapshot.a',
  ])
  assert.equal(removed.length, 5)
  assert.deepEqual(damaged, [])
  assert.equal(dump((await recoverFrom(disk)).database), server.states.get(10))
  for (const name of ['snapshot.a', 'snapshot.8']) await disk.remove(`${LOG_DIRECTORY}/${name}`)
  assert.equal(dump((await recoverFrom(disk)).database), server.states.get(10))
})

test('damaged snapshots do not count (ZOOKEEPER-3231), nor do those whose ends alone look right', async () => {
  const { disk, server } = await sixSnapshots()
  disk.corrupt(`${LOG_DIRECTORY}/snapshot.a`, 100, 1)
  disk.place(`${LOG_DIRECTORY}/snapshot.8`, Buffer.from('5a4b534e0000000200000000000000012f', 'hex'))
  const { damaged } = await purger(disk, 3).purge()
  assert.deepEqual(damaged, [`${LOG_DIRECTORY}/snapshot.a`, `${LOG_DIRECTORY}/snapshot.8`])
  assert.deepEqual((await disk.list(LOG_DIRECTORY)).slice(0, 5), ['log.1', 'log.3', 'log.5', 'log.7', 'log.9'])
  assert.equal(dump((await recoverFrom(disk)).database), server.states.get(10))
})

test('while there are fewer good snapshots than are to be kept, nothing is removed', async () => {
  const { disk } = await sixSnapshots()
  const before = await disk.list(LOG_DIRECTORY)
  assert.deepEqual((await purger(disk, 7).purge()).removed, [])
  for (const zxid of ['4', '6', '8', 'a']) disk.corrupt(`${LOG_DIRECTORY}/snapshot.${zxid}`, 30, 8)
  assert.deepEqual((await purger(disk, 3).purge()).removed, [])
  assert.deepEqual(await disk.list(LOG_DIRECTORY), before)
})

test('at least three are kept', async () => {
  const { disk } = await sixSnapshots()
  await purger(disk, 1).purge()
  assert.equal((await disk.list(LOG_DIRECTORY)).filter((name) => name.startsWith('snapshot')).length, 3)
})

test('a snapshot that was found good is not read again', async () => {
  const { disk, server } = await sixSnapshots()
  const read: string[] = []
  const watched = disk.cutPower(
    'kept',
    { uint32: () => 0 },
    {
      observe: ({ kind, path }, moment) => {
        if (kind === 'open' && moment === 'started') read.push(path)
      },
    },
  )
  const regular = purger(watched, 3)
  await regular.purge()
  assert.notEqual(read.splice(0).length, 0)
  await regular.purge()
  assert.deepEqual(read, [])
  assert.ok(server)
})
