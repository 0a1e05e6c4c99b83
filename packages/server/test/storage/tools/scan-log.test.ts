import assert from 'node:assert/strict'
import test from 'node:test'
import type { MemoryDisk } from '@vivarium/env/memory'
import fc from 'fast-check'
import { copyLog } from '../../../dist/storage/tools/copy-log.js'
import { type LogFileEnd, LogScanner } from '../../../dist/storage/tools/scan-log.js'
import { newDisk } from '../fixtures.ts'
import { at, change, contents, twoLogs } from './files.ts'

async function scan(disk: MemoryDisk, path: string): Promise<{ zxids: number[]; bad: number[]; end: LogFileEnd }> {
  const scanner = new LogScanner(disk, path)
  const zxids: number[] = []
  const bad: number[] = []
  for await (const batch of scanner.batches()) {
    for (const { zxid, checksumMatches, position } of batch) {
      zxids.push(zxid)
      if (!checksumMatches) bad.push(position)
    }
  }
  return { zxids, bad, end: scanner.end }
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i)

test('a whole log is read to its end', async () => {
  const { zxids, bad, end } = await scan(await twoLogs(), at('log.1'))
  assert.deepEqual([zxids, bad, end.kind, end.reason, end.header?.version], [range(1, 20), [], 'clean', null, 2])
})

test('a record with a wrong checksum is handed out, and those behind it', async () => {
  const disk = await twoLogs()
  await change(disk, at('log.1'), (bytes) => {
    bytes[bytes.indexOf('data of a7')] = 0x44
    return undefined
  })
  const { zxids, bad, end } = await scan(disk, at('log.1'))
  assert.deepEqual([zxids, bad.length, end.kind], [range(1, 20), 1, 'clean'])
})

test('a write that was cut off is told from bytes that make no sense', async () => {
  const disk = await twoLogs()
  const last = (bytes: Buffer): number => bytes.lastIndexOf('data of a19')
  await change(disk, at('log.1'), (bytes) => bytes.subarray(0, last(bytes)))
  const torn = await scan(disk, at('log.1'))
  assert.deepEqual([torn.zxids, torn.end.kind], [range(1, 19), 'torn'])
  await change(disk, at('log.15'), (bytes) =>
    Buffer.concat([bytes.subarray(0, 16), Buffer.alloc(64, 0xee), bytes.subarray(80)]),
  )
  const damaged = await scan(disk, at('log.15'))
  assert.deepEqual([damaged.zxids, damaged.end.kind, damaged.end.position], [[], 'damaged', 16])
})

test('a file that is no log has no header', async () => {
  const disk = await newDisk()
  disk.place(at('log.1'), Buffer.from('This is no transaction log.'))
  disk.place(at('log.2'), Buffer.alloc(0))
  assert.equal((await scan(disk, at('log.1'))).end.kind, 'damaged')
  assert.equal((await scan(disk, at('log.2'))).end.kind, 'clean')
})

test('whatever the bytes, the scan ends, and hands out no more records than fit', async () => {
  const disk = await twoLogs()
  const whole = await contents(disk, at('log.1'))
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(3000), fc.nat(255)), { maxLength: 20 }),
      fc.nat(whole.length),
      async (changes, length) => {
        const bytes = Buffer.from(whole.subarray(0, length))
        for (const [position, value] of changes) if (position < length) bytes[position] = value
        disk.place(at('log.1'), bytes)
        const { zxids, end } = await scan(disk, at('log.1'))
        assert.ok(zxids.length <= length / 45)
        assert.ok(end.position <= length)
      },
    ),
    { numRuns: 200 },
  )
})

test('a copy has the records that were chosen, with their checksums put right', async () => {
  const disk = await twoLogs()
  await change(disk, at('log.1'), (bytes) => {
    bytes[bytes.indexOf('data of a7')] = 0x44
    return undefined
  })
  const copied = await copyLog(disk, at('log.1'), at('copy'), ({ zxid, checksumMatches }) =>
    zxid > 10 ? 'stop' : checksumMatches ? 'copy' : 'seal',
  )
  assert.deepEqual(copied, { records: 10, sealed: 1, lastZxid: 10, end: null })
  const { zxids, bad } = await scan(disk, at('copy'))
  assert.deepEqual([zxids, bad], [range(1, 10), []])
})
