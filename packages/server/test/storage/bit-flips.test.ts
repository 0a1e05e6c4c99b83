import assert from 'node:assert/strict'
import test from 'node:test'
import type { MemoryDisk } from '@vivarium/env/memory'
import { CorruptLogError } from '../../dist/storage/corrupt-log-error.js'
import type { Recovery } from '../../dist/storage/recovery.js'
import { RecoveryError } from '../../dist/storage/recovery-error.js'
import { parseSnapshotName } from '../../dist/storage/snapshot-format.js'
import { isIntact } from '../../dist/storage/snapshot-reader.js'
import { LOG_DIRECTORY, newDisk, seeded } from './fixtures.ts'
import { dump, recoverFrom, SmallServer } from './small-server.ts'

const MASKS = [0x01, 0x80, 0x24, 0xff]

/** Flips bits of each byte of a file in turn, and recovers. */
async function flipEach(
  disk: MemoryDisk,
  path: string,
  judge: (result: Recovery | CorruptLogError | RecoveryError, name: string, position: number, disk: MemoryDisk) => void,
): Promise<void> {
  const { length } = disk.contents(path)
  const contents = disk.contents(path)
  for (let position = 0; position < length; position++) {
    // One byte of the space that was allocated ahead is like another.
    if (position % 61 !== 0 && contents.subarray(position - 1).every((byte) => byte === 0)) continue
    const copy = disk.cutPower('kept', seeded(0))
    const mask = MASKS[position % MASKS.length] as number
    copy.corrupt(path, position, mask)
    const name = `${path} at ${position} ^ ${mask.toString(16)}`
    const result = await recoverFrom(copy).catch((error: unknown) => error)
    if (!(result instanceof CorruptLogError || result instanceof RecoveryError) && result instanceof Error) throw result
    judge(result as Recovery | CorruptLogError | RecoveryError, name, position, copy)
  }
}

async function write(preAllocBytes: number): Promise<{ disk: MemoryDisk; server: SmallServer }> {
  const disk = await newDisk()
  const server = await SmallServer.start(disk, { preAllocBytes })
  await server.takeSnapshot()
  server.create('/a', 'first')
  await server.flush()
  server.create('/b', 'second')
  server.create('/c', 'third')
  server.setData('/a', 'fourth')
  await server.flush()
  await server.log.close()
  return { disk, server }
}

for (const preAllocBytes of [0, 8192]) {
  test(`a flipped byte of a log that grows by ${preAllocBytes} is found, or makes no difference`, async () => {
    const { disk, server } = await write(preAllocBytes)
    const path = `${LOG_DIRECTORY}/log.1`
    let found = 0
    let cut = 0
    await flipEach(disk, path, (result, name, position) => {
      if (result instanceof Error) {
        assert.ok(result instanceof CorruptLogError, name)
        assert.ok(position >= result.position || result.position === 0, name)
        found++
      } else {
        assert.equal(dump(result.database), server.states.get(result.lastZxid), name)
        // The last write may pass for one that was cut off, if its length field is what changed. That is reported.
        if (result.lastZxid < server.acknowledged) {
          assert.notEqual(result.torn, null, name)
          cut++
        }
      }
    })
    assert.ok(found > 400, `${found} found`)
    assert.ok(cut <= 8, `${cut} taken for a torn write`)
  })
}

test('a flipped byte of the only snapshot is found', async () => {
  const { disk, server } = await write(0)
  await server.takeSnapshot()
  for (const name of await disk.list(LOG_DIRECTORY)) {
    if (name !== 'snapshot.4') await disk.remove(`${LOG_DIRECTORY}/${name}`)
  }
  const path = `${LOG_DIRECTORY}/snapshot.4`
  assert.equal((await recoverFrom(disk)).lastZxid, 4)
  await flipEach(disk, path, (result, name) => assert.ok(result instanceof RecoveryError, name))
})

test('with a flipped byte in the newest snapshot the older one and the log serve as well', async () => {
  const { disk, server } = await write(0)
  await server.takeSnapshot()
  const path = `${LOG_DIRECTORY}/snapshot.4`
  await flipEach(disk, path, (result, name) => {
    assert.ok(!(result instanceof Error), `${name}: ${result}`)
    assert.equal(dump(result.database), server.states.get(4), name)
    assert.equal(result.damagedSnapshots.length, 1, name)
  })
})

test('with a flipped byte in the newest snapshot and no log to where it was taken, nothing is served', async () => {
  const { disk, server } = await write(0)
  await server.takeSnapshot()
  await disk.remove(`${LOG_DIRECTORY}/log.1`)
  await flipEach(disk, `${LOG_DIRECTORY}/snapshot.4`, (result, name) =>
    assert.ok(result instanceof RecoveryError, name),
  )
})

test('a flipped byte makes a snapshot count for nothing when old ones are removed', async () => {
  const { disk, server } = await write(0)
  await server.takeSnapshot()
  const path = `${LOG_DIRECTORY}/snapshot.4`
  const snapshot = parseSnapshotName(LOG_DIRECTORY, 'snapshot.4')!
  assert.equal(await isIntact(disk, snapshot), true)
  const { length } = disk.contents(path)
  for (let position = 0; position < length; position++) {
    const copy = disk.cutPower('kept', seeded(0))
    copy.corrupt(path, position, MASKS[position % MASKS.length] as number)
    assert.equal(await isIntact(copy, snapshot), false, `byte ${position}`)
  }
})

test('cut anywhere, a snapshot is refused and a log is a prefix', async () => {
  const { disk, server } = await write(0)
  await server.takeSnapshot()
  for (const name of ['snapshot.4', 'log.1']) {
    const path = `${LOG_DIRECTORY}/${name}`
    const whole = disk.contents(path)
    for (let length = 0; length < whole.length; length++) {
      const copy = disk.cutPower('kept', seeded(0))
      copy.place(path, whole.slice(0, length))
      if (name === 'log.1') await copy.remove(`${LOG_DIRECTORY}/snapshot.4`)
      const recovery = await recoverFrom(copy)
      // Without its last sections a snapshot is one of an older server's, and is whole.
      if (recovery.snapshot?.zxid === 4)
        assert.ok([length + 54, length + 21].includes(whole.length), `cut at ${length}`)
      assert.equal(dump(recovery.database), server.states.get(recovery.lastZxid), `${name} cut at ${length}`)
      if (name === 'snapshot.4') assert.equal(recovery.lastZxid, 4)
    }
  }
})
