import assert from 'node:assert/strict'
import test from 'node:test'
import type { DiskFault, DiskOperation, MemoryDisk } from '@vivarium/env/memory'
import { LOG_HEADER_BYTES } from '../../dist/storage/log-format.js'
import { readLogs, removeUnfinishedLogs } from '../../dist/storage/log-reader.js'
import { appendRaw, LOG_DIRECTORY, ManualClock, newDisk, openLog, RecordedEvents, rawTxn, settled } from './fixtures.ts'

async function zxidsIn(disk: MemoryDisk): Promise<number[]> {
  const zxids: number[] = []
  await readLogs(disk, LOG_DIRECTORY, 0, (record) => zxids.push(record.zxid))
  return zxids
}

/** A disk whose operations complete when the test says so. */
class SlowDisk {
  readonly waiting: { operation: DiskOperation; fire: () => void }[] = []
  readonly schedule = (operation: DiskOperation, fire: () => void): void => {
    this.waiting.push({ operation, fire })
  }

  /** Completes what is under way, until there is a write of more than a byte. */
  async untilWrite(): Promise<DiskOperation> {
    for (;;) {
      const next = this.waiting[0]
      if (next === undefined) await settled()
      else if (next.operation.kind === 'write' && next.operation.bytes > 16) return next.operation
      else {
        this.waiting.shift()
        next.fire()
      }
    }
  }

  completeOne(): void {
    this.waiting.shift()?.fire()
  }
}

test('what one turn appends is written once', async () => {
  const disk = await newDisk()
  const events = new RecordedEvents()
  const log = openLog({ disk, events })
  appendRaw(log, 1, 2, 3)
  log.flush()
  await settled()
  assert.deepEqual(events.all, ['synced 3'])
  assert.equal(log.writes, 1)
  assert.equal(log.pendingBytes, 0)
  assert.deepEqual(await zxidsIn(disk), [1, 2, 3])
})

test('nothing is written before flush', async () => {
  const disk = await newDisk()
  const events = new RecordedEvents()
  const log = openLog({ disk, events })
  appendRaw(log, 1)
  await settled()
  assert.deepEqual(events.all, [])
  assert.deepEqual(await disk.list(LOG_DIRECTORY), [])
})

test('one write is under way at a time, and the next takes all that came meanwhile', async () => {
  const slow = new SlowDisk()
  const options: { schedule?: (operation: DiskOperation, fire: () => void) => void } = {}
  const disk = await newDisk(options)
  options.schedule = slow.schedule
  const events = new RecordedEvents()
  const log = openLog({ disk, events })
  appendRaw(log, 1)
  log.flush()
  const first = await slow.untilWrite()
  appendRaw(log, 2)
  log.flush()
  appendRaw(log, 3)
  log.flush()
  appendRaw(log, 4) // Not flushed, and yet there is no reason to wait once a write has completed.
  assert.equal(slow.waiting.length, 1)
  assert.deepEqual(events.all, [])
  slow.completeOne()
  assert.deepEqual(events.all, ['synced 1'])
  const second = await slow.untilWrite()
  assert.equal(second.bytes, 3 * first.bytes)
  slow.completeOne()
  assert.deepEqual(events.all, ['synced 1', 'synced 4'])
  assert.equal(slow.waiting.length, 0)
})

test('the bytes of a record may be reused as soon as it was appended', async () => {
  const disk = await newDisk()
  const log = openLog({ disk })
  const bytes = rawTxn(7)
  log.append(7, bytes, 0, bytes.length)
  bytes.fill(0)
  log.flush()
  await settled()
  let found: Uint8Array | null = null
  await readLogs(disk, LOG_DIRECTORY, 6, ({ bytes, start, end }) => {
    found = bytes.slice(start, end)
  })
  assert.deepEqual(found, rawTxn(7))
})

test('a batch that outgrows its buffer, and one that is larger than the space allocated ahead', async () => {
  const disk = await newDisk()
  const events = new RecordedEvents()
  const log = openLog({ disk, events, preAllocBytes: 4096 })
  for (const [zxid, size] of [
    [1, 10],
    [2, 6_000_000],
    [3, 10],
  ] as const) {
    const bytes = rawTxn(zxid, size)
    log.append(zxid, bytes, 0, bytes.length)
    log.flush()
    await settled()
  }
  assert.deepEqual(await zxidsIn(disk), [1, 2, 3])
  assert.deepEqual(events.all, ['synced 1', 'synced 2', 'synced 3'].map(String))
})

test('a file is named by its first transaction and is allocated ahead', async () => {
  const disk = await newDisk()
  const log = openLog({ disk, preAllocBytes: 65_536 })
  appendRaw(log, 0x1_0000_000a)
  log.flush()
  await settled()
  assert.deepEqual(await disk.list(LOG_DIRECTORY), ['log.10000000a'])
  assert.equal((await disk.stat(`${LOG_DIRECTORY}/log.10000000a`))?.size, 65_536)
  assert.equal(log.fileBytes, 16 + 12 + rawTxn(0).length + 1 + 1)
})

test('rolling goes to a new file, at the next write and without a pause', async () => {
  const disk = await newDisk()
  const events = new RecordedEvents()
  const log = openLog({ disk, events })
  appendRaw(log, 1)
  log.flush()
  await settled()
  log.roll()
  appendRaw(log, 2)
  log.flush()
  appendRaw(log, 3)
  log.flush()
  await settled()
  assert.deepEqual(await disk.list(LOG_DIRECTORY), ['log.1', 'log.2'])
  assert.deepEqual(events.all, ['synced 1', 'synced 2', 'synced 3'])
  assert.deepEqual(await zxidsIn(disk), [1, 2, 3])
})

test('a file that has reached its limit is followed by another', async () => {
  const disk = await newDisk()
  const log = openLog({ disk, sizeLimitBytes: 150 })
  for (let zxid = 1; zxid <= 6; zxid++) {
    appendRaw(log, zxid)
    log.flush()
    await settled()
  }
  assert.deepEqual(await disk.list(LOG_DIRECTORY), ['log.1', 'log.4'])
})

test('a file that is already there is never written over', async () => {
  const disk = await newDisk()
  disk.place(`${LOG_DIRECTORY}/log.5`, Uint8Array.of(1, 2, 3))
  const events = new RecordedEvents()
  const log = openLog({ disk, events })
  appendRaw(log, 5)
  log.flush()
  await settled()
  assert.deepEqual(events.all, ['failed EEXIST'])
  assert.deepEqual(disk.contents(`${LOG_DIRECTORY}/log.5`), Uint8Array.of(1, 2, 3))
})

test('a log has its header before it has its name', async () => {
  const disk = await newDisk({ fault: ({ kind }) => (kind === 'rename' ? { code: 'EIO' } : null) })
  const log = openLog({ disk })
  appendRaw(log, 1)
  log.flush()
  await settled()
  assert.deepEqual(await disk.list(LOG_DIRECTORY), ['log.1.tmp'])
  assert.equal(disk.contents(`${LOG_DIRECTORY}/log.1.tmp`).length, LOG_HEADER_BYTES)
})

test('what a crash left of a new log is removed, and nothing else', async () => {
  const disk = await newDisk()
  for (const name of ['log.5.tmp', 'log.5', 'snapshot-5.tmp']) disk.place(`${LOG_DIRECTORY}/${name}`, Uint8Array.of(1))
  assert.deepEqual(await removeUnfinishedLogs(disk, LOG_DIRECTORY), ['log.5.tmp'])
  assert.deepEqual(await disk.list(LOG_DIRECTORY), ['log.5', 'snapshot-5.tmp'])
})

test('zxids must rise', async () => {
  const log = openLog({ disk: await newDisk() })
  appendRaw(log, 5)
  assert.throws(() => appendRaw(log, 5), /5 follows 5/)
})

/** Lets the `nth` change of the disk fail, and all that is done to the same file afterwards succeed. */
function failNth(nth: number, code: string, written = 0) {
  let count = 0
  const seen: DiskOperation[] = []
  const fault = (operation: DiskOperation): DiskFault | null => {
    if (!['create', 'write', 'syncDirectory'].includes(operation.kind)) return null
    seen.push(operation)
    count++
    return count === nth ? { code, written } : null
  }
  return { seen, fault }
}

/** Whether this writes zeros ahead of the records: nobody waits for those. */
function isZeros(operation: DiskOperation | undefined): boolean {
  return operation !== undefined && operation.bytes > 1_000_000
}

/** Three batches, the third in a new file. */
async function run(disk: MemoryDisk, events: RecordedEvents, clock = new ManualClock()): Promise<void> {
  const log = openLog({ disk, events, clock, preAllocBytes: 2 * 1024 * 1024 })
  for (const zxid of [1, 2, 3]) {
    if (zxid === 3) log.roll()
    appendRaw(log, zxid)
    log.flush()
    await settled()
    clock.advance(1000)
    await settled()
  }
  await log.close()
}

test('an error of any write ends the log: reported once, and nothing after it is acknowledged', async () => {
  const counted = failNth(0, '')
  await run(await newDisk({ fault: counted.fault }), new RecordedEvents())
  assert.ok(counted.seen.length >= 10, `${counted.seen.length} operations`)
  for (let nth = 1; nth <= counted.seen.length; nth++) {
    const disk = await newDisk({ fault: failNth(nth, 'EIO', nth % 3 === 0 ? 20 : 0).fault })
    const events = new RecordedEvents()
    await run(disk, events)
    const failures = events.all.filter((event) => event === 'failed EIO')
    // Zeros that could not be written ahead are noticed by the next write; after the last one nobody asks.
    if (failures.length === 0) assert.ok(isZeros(counted.seen[nth - 1]), `operation ${nth}`)
    else assert.deepEqual(events.all.indexOf('failed EIO'), events.all.length - 1, `operation ${nth}`)
    const zxids = await zxidsIn(disk).catch((error) => error)
    assert.ok(Array.isArray(zxids), `operation ${nth}: ${zxids}`)
    assert.ok(zxids.length >= events.syncedZxid, `operation ${nth}: synced ${events.syncedZxid}, found ${zxids}`)
  }
})

test('a full disk at any write: nothing is acknowledged until there is room, and nothing is lost', async () => {
  const counted = failNth(0, '')
  await run(await newDisk({ fault: counted.fault }), new RecordedEvents())
  for (const code of ['ENOSPC', 'EDQUOT']) {
    for (let nth = 1; nth <= counted.seen.length; nth++) {
      const disk = await newDisk({ fault: failNth(nth, code, nth % 2 === 0 ? 20 : 0).fault })
      const events = new RecordedEvents()
      await run(disk, events)
      assert.deepEqual(
        events.all.filter((event) => !event.startsWith('synced')),
        isZeros(counted.seen[nth - 1]) ? [] : [`full ${code}`, 'recovered'],
        `operation ${nth}`,
      )
      assert.equal(events.syncedZxid, 3)
      assert.deepEqual(await zxidsIn(disk), [1, 2, 3])
    }
  }
})

test('a full disk is looked at every second, without trying before there is room', async () => {
  const disk = await newDisk({ capacityBytes: 8192 })
  const events = new RecordedEvents()
  const clock = new ManualClock()
  const log = openLog({ disk, events, clock, preAllocBytes: 0 })
  appendRaw(log, 1)
  log.flush()
  await settled()
  const bytes = rawTxn(2, 20_000)
  log.append(2, bytes, 0, bytes.length)
  log.flush()
  await settled()
  assert.deepEqual(events.all, ['synced 1', 'full ENOSPC'])
  assert.equal(log.state, 'full')
  for (let second = 0; second < 5; second++) {
    clock.advance(1000)
    await settled()
  }
  appendRaw(log, 3)
  log.flush()
  await settled()
  assert.deepEqual(events.all, ['synced 1', 'full ENOSPC'])
  disk.capacityBytes = 100_000
  clock.advance(1000)
  await settled()
  assert.deepEqual(events.all, ['synced 1', 'full ENOSPC', 'recovered', 'synced 2', 'synced 3'])
  assert.equal(log.state, 'open')
  assert.deepEqual(await zxidsIn(disk), [1, 2, 3])
})

test('rolling while the disk is full goes on in the file that was begun and has nothing yet', async () => {
  let room = true
  const isRecord = ({ kind, bytes }: DiskOperation) => kind === 'write' && bytes > LOG_HEADER_BYTES
  const disk = await newDisk({ fault: (operation) => (!room && isRecord(operation) ? { code: 'ENOSPC' } : null) })
  const events = new RecordedEvents()
  const clock = new ManualClock()
  const log = openLog({ disk, events, clock, preAllocBytes: 0 })
  room = false
  appendRaw(log, 1)
  log.flush()
  await settled()
  assert.deepEqual(events.all, ['full ENOSPC'])
  log.roll()
  room = true
  clock.advance(1000)
  await settled()
  assert.deepEqual(events.all, ['full ENOSPC', 'recovered', 'synced 1'])
  assert.deepEqual(await zxidsIn(disk), [1])
})

test('who waits for what has been appended does not wait for what comes after it', async () => {
  const disk = await newDisk()
  const log = openLog({ disk })
  let waited: boolean | null = null
  log.append(1, rawTxn(1, 0), 0, 32)
  void log.settled().then((durable) => {
    waited = durable
  })
  for (let zxid = 2; waited === null; zxid++) {
    assert.ok(zxid < 1000)
    log.append(zxid, rawTxn(zxid, 0), 0, 32)
    log.flush()
    await new Promise((resolve) => setImmediate(resolve))
  }
  assert.equal(waited, true)
  await log.close()
  log.append(5000, rawTxn(5000, 0), 0, 32)
  assert.equal(await log.settled(), false)
})

test('closing while the disk is full gives up what was not acknowledged', async () => {
  const disk = await newDisk({ capacityBytes: 0 })
  const events = new RecordedEvents()
  const clock = new ManualClock()
  const log = openLog({ disk, events, clock })
  appendRaw(log, 1)
  log.flush()
  await settled()
  await log.close()
  assert.deepEqual(events.all, ['full ENOSPC'])
  assert.equal(clock.timers, 0)
})

test('closing writes what was appended', async () => {
  const disk = await newDisk()
  const events = new RecordedEvents()
  const log = openLog({ disk, events })
  appendRaw(log, 1)
  log.flush()
  appendRaw(log, 2)
  await log.close()
  assert.deepEqual(events.all, ['synced 1', 'synced 2'])
})

test('without forceSync nothing is synced, and a restart of the process alone loses nothing', async () => {
  const operations: string[] = []
  const disk = await newDisk({ observe: ({ kind }) => operations.push(kind) })
  const log = openLog({ disk, forceSync: false })
  appendRaw(log, 1)
  log.flush()
  await settled()
  assert.ok(!operations.includes('sync'))
  assert.deepEqual(await zxidsIn(disk.cutPower('kept', { uint32: () => 0 })), [1])
  assert.deepEqual(await zxidsIn(disk.cutPower('lost', { uint32: () => 0 })), [])
})

test('slow writes are counted', async () => {
  const clock = new ManualClock()
  const disk = await newDisk({
    schedule: (operation, fire) => {
      if (operation.kind === 'write' && operation.bytes > 16) clock.advance(1500)
      queueMicrotask(fire)
    },
  })
  const log = openLog({ disk, clock, preAllocBytes: 0 })
  appendRaw(log, 1)
  log.flush()
  await settled()
  assert.equal(log.slowWrites, 1)
  assert.equal(log.writeMs, 1500)
  assert.equal(log.longestWriteMs, 1500)
})
