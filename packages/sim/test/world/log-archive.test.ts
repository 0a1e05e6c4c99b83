import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemoryDisk } from '@vivarium/env/memory'
import { OpCode, Writer, writeTxn } from '@vivarium/protocol'
import { LogArchive } from '../../dist/world/log-archive.js'

function adler32(bytes: Uint8Array): number {
  let [low, high] = [1, 0]
  for (const byte of bytes) {
    low = (low + byte) % 65_521
    high = (high + low) % 65_521
  }
  return high * 65_536 + low
}

/** A log file with such transactions, told from others by their times. */
function logFile(txns: readonly { readonly zxid: number; readonly time: number }[]): Uint8Array {
  const parts: Uint8Array[] = [new Uint8Array(16)]
  for (const { zxid, time } of txns) {
    const writer = new Writer()
    writeTxn(writer, {
      clientId: 1n,
      cxid: 1,
      zxid,
      time,
      type: OpCode.createSession,
      record: { timeOut: 4000 },
      digest: null,
    })
    const record = Buffer.concat([writer.finish(), Buffer.of(0)])
    const prefix = Buffer.alloc(12)
    prefix.writeUInt32BE(adler32(record), 4)
    prefix.writeUInt32BE(record.length, 8)
    parts.push(prefix, record, Buffer.of(0x42))
  }
  return Buffer.concat([...parts, new Uint8Array(100)])
}

const one = { zxid: 1, time: 1 }
const two = { zxid: 2, time: 1 }
const another = { zxid: 2, time: 7 }

/** What the archive reads as the log is replaced by others, one after the other. */
function readings(...logs: readonly (readonly { readonly zxid: number; readonly time: number }[])[]): string[] {
  const archive = new LogArchive()
  return logs.map((log) => {
    const disk = new MemoryDisk()
    disk.placeDirectory('/data')
    disk.placeDirectory('/data/version-2')
    disk.place('/data/version-2/log.1', logFile(log))
    return archive
      .read(disk)
      .map(({ zxid, time }) => `${zxid}@${time}`)
      .join(' ')
  })
}

test('a log is read as it is now, whatever a file of that name had before', () => {
  assert.deepEqual(readings([one], [one, two], [one, another], [one], [], [one, two]), [
    '1@1',
    '1@1 2@1',
    '1@1 2@7',
    '1@1',
    '',
    '1@1 2@1',
  ])
})

test('a log that does not even have its header is an empty one', () => {
  const archive = new LogArchive()
  const disk = new MemoryDisk()
  disk.placeDirectory('/data')
  disk.placeDirectory('/data/version-2')
  disk.place('/data/version-2/log.1', new Uint8Array(7))
  assert.deepEqual([archive.read(disk), archive.read(disk)], [[], []])
})

test('equal records of different logs are the same object', () => {
  const archive = new LogArchive()
  const disk = new MemoryDisk()
  disk.placeDirectory('/data')
  disk.placeDirectory('/data/version-2')
  disk.place('/data/version-2/log.1', logFile([one, two]))
  const [first] = archive.read(disk)
  disk.place('/data/version-2/log.1', logFile([one, another]))
  assert.equal(archive.read(disk)[0], first)
})

test('where a file is damaged and another one follows, something may be missing', () => {
  const three = { zxid: 3, time: 1 }
  const damagedAfter = (change: (bytes: Uint8Array) => void): number[] => {
    const disk = new MemoryDisk()
    disk.placeDirectory('/data')
    disk.placeDirectory('/data/version-2')
    const first = logFile([one, two])
    change(first)
    disk.place('/data/version-2/log.1', first)
    disk.place('/data/version-2/log.3', logFile([three]))
    return [...new LogArchive().copy(1, disk, 0, null).damagedAfter]
  }
  const length = logFile([one]).length - 100 - 16
  assert.deepEqual(
    damagedAfter(() => {}),
    [],
  )
  assert.deepEqual(
    damagedAfter((bytes) => {
      bytes[16 + length + 20]! ^= 1
    }),
    [1],
  )
  assert.deepEqual(
    damagedAfter((bytes) => bytes.fill(0, 16 + length, 16 + length + 12)),
    [1],
  )
})
