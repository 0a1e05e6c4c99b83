import assert from 'node:assert/strict'
import test from 'node:test'
import type { MemoryDisk } from '@vivarium/env/memory'
import fc from 'fast-check'
import { ADLER32_EMPTY, adler32 } from '../../dist/storage/adler32.js'
import { CorruptLogError } from '../../dist/storage/corrupt-log-error.js'
import { type LogScan, readLogs, repairLogs } from '../../dist/storage/log-reader.js'
import { appendRaw, LOG_DIRECTORY, newDisk, openLog, rawTxn, settled } from './fixtures.ts'

/** A log file as Java writes it, with room at its end. */
function javaLog(zxids: readonly number[], room = 1000, bodyBytes = 20): Buffer {
  const parts = [Buffer.from('5a4b4c47000000020000000000000000', 'hex')]
  for (const zxid of zxids) {
    const txn = rawTxn(zxid, bodyBytes)
    const prefix = Buffer.alloc(12)
    prefix.writeUInt32BE(adler32(ADLER32_EMPTY, txn, 0, txn.length), 4)
    prefix.writeInt32BE(txn.length, 8)
    parts.push(prefix, Buffer.from(txn), Buffer.from('B'))
  }
  return Buffer.concat([...parts, Buffer.alloc(room)])
}

async function diskWith(files: Record<string, Uint8Array>): Promise<MemoryDisk> {
  const disk = await newDisk()
  for (const [name, bytes] of Object.entries(files)) disk.place(`${LOG_DIRECTORY}/${name}`, bytes)
  return disk
}

async function read(disk: MemoryDisk, afterZxid = 0): Promise<{ zxids: number[]; scan: LogScan }> {
  const zxids: number[] = []
  const scan = await readLogs(disk, LOG_DIRECTORY, afterZxid, (record) => {
    const found = record.bytes.subarray(record.start, record.end)
    assert.equal(Buffer.compare(found, rawTxn(record.zxid, found.length - 32)), 0, `transaction ${record.zxid}`)
    zxids.push(record.zxid)
  })
  return { zxids, scan }
}

async function corruption(disk: MemoryDisk, afterZxid = 0): Promise<CorruptLogError> {
  try {
    await read(disk, afterZxid)
  } catch (error) {
    if (error instanceof CorruptLogError) return error
    throw error
  }
  return assert.fail('nothing was wrong')
}

const EPOCH = 2 ** 32

test('Java’s files are read in the order of their zxids, other files not at all', async () => {
  const disk = await diskWith({
    'log.1': javaLog([1, 2]),
    'log.a': javaLog([10, 11]),
    'log.3': javaLog([3, 4, 5, 6, 7, 8, 9]),
    'log.c.bak': javaLog([12]),
    'snapshot.9': Buffer.from('x'),
    'log.': Buffer.from('x'),
  })
  assert.deepEqual((await read(disk)).zxids, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
})

test('reading starts after any transaction, with the one file that may have the next', async () => {
  const opened: string[] = []
  const files = { 'log.1': javaLog([1, 2]), 'log.3': javaLog([3, 4]), 'log.5': javaLog([5, 6]) }
  const disk = (await diskWith(files)).cutPower(
    'kept',
    { uint32: () => 0 },
    {
      observe: ({ kind, path }, moment) => {
        if (kind === 'open' && moment === 'started') opened.push(path.slice(-5))
      },
    },
  )
  assert.deepEqual((await read(disk, 3)).zxids, [4, 5, 6])
  assert.deepEqual(opened.splice(0), ['log.3', 'log.5'])
  assert.deepEqual((await read(disk, 4)).zxids, [5, 6])
  assert.deepEqual(opened.splice(0), ['log.5'])
  const { zxids, scan } = await read(disk, 9)
  assert.deepEqual(zxids, [])
  assert.equal(scan.lastZxid, 9)
})

test('an epoch may follow another anywhere, and starts with 1', async () => {
  const disk = await diskWith({ 'log.1': javaLog([1, 2, EPOCH + 1]), 'log.500000001': javaLog([5 * EPOCH + 1]) })
  assert.deepEqual((await read(disk)).zxids, [1, 2, EPOCH + 1, 5 * EPOCH + 1])
  const late = await corruption(await diskWith({ 'log.1': javaLog([1, EPOCH + 2]) }))
  assert.equal(late.zxidBefore, 1)
})

test('a counter that runs over goes on in the next epoch', async () => {
  const { zxids } = await read(
    await diskWith({ 'log.fffffffe': javaLog([EPOCH - 2, EPOCH - 1, EPOCH, EPOCH + 1]) }),
    EPOCH - 3,
  )
  assert.equal(zxids.length, 4)
})

test('what stands there twice is read once', async () => {
  const disk = await diskWith({ 'log.1': javaLog([1, 2, 2, 3]), 'log.2': javaLog([2, 3, 4]) })
  assert.deepEqual((await read(disk)).zxids, [1, 2, 3, 4])
})

test('a hole within an epoch is found, in a file and between files', async () => {
  const within = await corruption(await diskWith({ 'log.1': javaLog([1, 2, 4]) }))
  assert.equal(within.zxidBefore, 2)
  assert.equal(within.position, 16 + 2 * 65)
  assert.match(within.message, /log\.1 is damaged at byte 146, after transaction 0x2: transaction 0x4 comes next/)
  const between = await corruption(await diskWith({ 'log.1': javaLog([1, 2]), 'log.4': javaLog([4]) }))
  assert.equal(between.path, `${LOG_DIRECTORY}/log.4`)
  const before = await corruption(await diskWith({ 'log.7': javaLog([7]) }), 5)
  assert.equal(before.zxidBefore, 5)
})

test('a last file that is empty, or has no more than a header, is left from a crash', async () => {
  for (const bytes of [Buffer.alloc(0), Buffer.from('5a4b'), javaLog([], 0), javaLog([], 5000), Buffer.alloc(300)]) {
    const disk = await diskWith({ 'log.1': javaLog([1, 2]), 'log.3': bytes })
    const { zxids, scan } = await read(disk)
    assert.deepEqual(zxids, [1, 2])
    assert.deepEqual(scan.empty, [`${LOG_DIRECTORY}/log.3`])
    await repairLogs(disk, LOG_DIRECTORY, scan)
    assert.deepEqual(await disk.list(LOG_DIRECTORY), ['log.1'])
  }
})

test('a file with another magic number is refused', async () => {
  const bytes = javaLog([3])
  bytes[3] = 0x4e
  const error = await corruption(await diskWith({ 'log.1': javaLog([1, 2]), 'log.3': bytes }))
  assert.equal(error.position, 0)
})

test('a record that Java’s last write did not finish is cut off', async () => {
  const whole = javaLog([1, 2, 3], 0)
  for (let length = 16 + 2 * 65 + 1; length < whole.length; length++) {
    for (const room of [0, 700]) {
      const disk = await diskWith({ 'log.1': Buffer.concat([whole.subarray(0, length), Buffer.alloc(room)]) })
      const { zxids, scan } = await read(disk)
      assert.deepEqual(zxids, [1, 2])
      // Of a checksum whose zeros alone were written nothing is to be seen.
      if (scan.torn === null) assert.ok(length <= 16 + 2 * 65 + 4)
      else assert.equal(scan.torn.position, 16 + 2 * 65)
      await repairLogs(disk, LOG_DIRECTORY, scan)
      const repaired = await read(disk)
      assert.deepEqual(repaired.zxids, [1, 2])
      assert.equal(repaired.scan.torn, null)
    }
  }
})

test('an unfinished end of an earlier file lacks nothing if the next file goes on from there', async () => {
  const cut = javaLog([1, 2, 3], 0).subarray(0, -10)
  const { zxids, scan } = await read(await diskWith({ 'log.1': cut, 'log.3': javaLog([3, 4]) }))
  assert.deepEqual(zxids, [1, 2, 3, 4])
  assert.equal(scan.ignored.length, 1)
  const hole = await corruption(await diskWith({ 'log.1': cut, 'log.4': javaLog([4]) }))
  assert.equal(hole.path, `${LOG_DIRECTORY}/log.1`)
  // The leader of the next epoch may have done without it.
  assert.deepEqual((await read(await diskWith({ 'log.1': cut, 'log.100000001': javaLog([EPOCH + 1]) }))).zxids, [
    1,
    2,
    EPOCH + 1,
  ])
})

test('a changed end of an earlier file is damage, also where an epoch ends', async () => {
  const changed = javaLog([1, 2, 3])
  changed.writeUInt8(7, 16 + 2 * 65 + 30)
  const error = await corruption(await diskWith({ 'log.1': changed, 'log.100000001': javaLog([EPOCH + 1]) }))
  assert.equal(error.zxidBefore, 2)
  assert.equal(error.position, 16 + 2 * 65)
  assert.deepEqual((await read(await diskWith({ 'log.1': changed, 'log.3': javaLog([3]) }))).zxids, [1, 2, 3])
})

test('records that follow a gap are damage in a file that does not tell its writes apart', async () => {
  const bytes = javaLog([1, 2, 3], 1000, 600)
  bytes.fill(0, 16 + 645, 16 + 2 * 645)
  assert.equal((await corruption(await diskWith({ 'log.1': bytes }))).zxidBefore, 1)
})

test('a sector that is missing from the last write is torn, from one before it damage', async () => {
  const disk = await newDisk()
  const log = openLog({ disk, preAllocBytes: 16_384 })
  for (const batch of [
    [1, 2],
    [3, 4, 5],
    [6, 7, 8],
  ]) {
    for (const zxid of batch) {
      const bytes = rawTxn(zxid, 700)
      log.append(zxid, bytes, 0, bytes.length)
    }
    log.flush()
    await settled()
  }
  await log.close()
  const path = `${LOG_DIRECTORY}/log.1`
  const whole = disk.contents(path)
  const recordBytes = 12 + 732 + 1 + 1
  const lastWrite = 16 + 5 * recordBytes
  for (let sector = 0; sector < 16 + 8 * recordBytes; sector += 512) {
    const bytes = whole.slice()
    bytes.fill(0, Math.max(sector, 16), sector + 512)
    // In the sector that two writes share it looks as if both were one.
    if (sector < lastWrite && sector + 512 > lastWrite) continue
    if (sector < lastWrite) {
      const error = await corruption(await diskWith({ 'log.1': bytes }))
      assert.ok(error.zxidBefore < 6, `sector at ${sector}`)
    } else {
      const { zxids, scan } = await read(await diskWith({ 'log.1': bytes }))
      assert.ok(scan.torn !== null && zxids.length >= 5, `sector at ${sector}`)
    }
  }
})

test('records of any size and number are read back, whatever the chunks they are read in', async () => {
  const disk = await newDisk()
  const log = openLog({ disk, preAllocBytes: 65_536 })
  const sizes = [10, 5_000_000, 100, 9_000_000, 4 * 1024 * 1024 - 45, 20, 4 * 1024 * 1024 - 46, 1_000_000]
  for (const [index, size] of sizes.entries()) {
    const bytes = rawTxn(index + 1, size)
    log.append(index + 1, bytes, 0, bytes.length)
    if (index % 3 === 0) log.flush()
    await settled()
  }
  await log.close()
  assert.equal((await read(disk)).zxids.length, sizes.length)
})

test('a length that claims more than there is costs no memory', async () => {
  const bytes = javaLog([1, 2])
  bytes.writeInt32BE(0x7fff_fff0, 16 + 65 + 8)
  const error = await corruption(await diskWith({ 'log.1': bytes }))
  assert.match(error.message, /claims to be 2147483632 bytes long/)
})

test('any bytes at all are read or refused', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), fc.boolean(), async (bytes, withHeader) => {
      const header = withHeader ? javaLog([], 0) : Buffer.alloc(0)
      const disk = await diskWith({ 'log.1': Buffer.concat([header, bytes]) })
      const result = await readLogs(disk, LOG_DIRECTORY, 0, () => {}).catch((error: unknown) => error)
      if (result instanceof CorruptLogError) return
      assert.ok(!(result instanceof Error), String(result))
      assert.equal((result as LogScan).transactions, 0)
    }),
    { numRuns: 300 },
  )
})

test('what appendRaw writes is what javaLog has, but for the header and the marks', async () => {
  const disk = await newDisk()
  const log = openLog({ disk, preAllocBytes: 0 })
  appendRaw(log, 1)
  await log.close()
  const ours = Buffer.from(disk.contents(`${LOG_DIRECTORY}/log.1`))
  assert.equal(ours.toString('latin1', 8, 16), 'VIVARIUM')
  assert.equal(ours.length, javaLog([1], 0).length + 1)
  assert.deepEqual(ours.subarray(28, 28 + 52), javaLog([1], 0).subarray(28, 28 + 52))
})
