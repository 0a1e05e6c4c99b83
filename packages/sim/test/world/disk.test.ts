import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WallClock } from '../../dist/world/clock.js'
import { SimDisk } from '../../dist/world/disk.js'
import { World } from '../../dist/world/world.js'

/** What a power failure leaves of a file that a disk has synced, if it has lied about that. */
async function leftOver(after: (disk: SimDisk) => void): Promise<string[]> {
  const world = new World(1)
  const disk = new SimDisk(world, new WallClock(0), 'disk')
  disk.provide('/d', 'old', 'old')
  disk.startLying()
  let done = false
  const write = async (): Promise<void> => {
    const file = await disk.memory.open('/d/new', 'create')
    await file.writeAt(Buffer.from('new'), 0)
    await file.sync()
    await disk.memory.syncDirectory('/d')
    done = true
  }
  void write()
  await world.run(() => done, 1000)
  after(disk)
  return disk.memory.names('/d')
}

test('a disk that lies saves what it has while that lasts, and shows the truth afterwards', async () => {
  assert.deepEqual(await leftOver((disk) => disk.cutPower('lost')), ['new', 'old'])
  const stop = (kept: boolean) => (disk: SimDisk) => {
    disk.stopLying(kept)
    disk.cutPower('lost')
  }
  assert.deepEqual(await leftOver(stop(true)), ['new', 'old'])
  assert.deepEqual(await leftOver(stop(false)), ['old'])
})

test('what survives on a disk is what it has synced, or says it has as long as it lies', async () => {
  let lying: string[] = []
  let honest: string[] = []
  await leftOver((disk) => {
    lying = disk.surviving().names('/d')
    disk.stopLying(false)
    honest = disk.surviving().names('/d')
  })
  assert.deepEqual(lying, ['new', 'old'])
  assert.deepEqual(honest, ['old'])
})
