import assert from 'node:assert/strict'
import { test } from 'node:test'
import { JuteError, Reader, Writer } from '@vivarium/protocol'

function reader(...bytes: number[]): Reader {
  return new Reader(new Uint8Array(bytes))
}

function truncatedError(error: unknown): boolean {
  return error instanceof JuteError && error.truncated
}

function malformedError(error: unknown): boolean {
  return error instanceof JuteError && !error.truncated
}

test('any byte but 0 is true', () => {
  const bools = reader(0, 1, 2, 255)
  assert.deepEqual([bools.bool(), bools.bool(), bools.bool(), bools.bool()], [false, true, true, true])
  assert.throws(() => bools.bool(), truncatedError)
})

test('a long keeps all 64 bits', () => {
  assert.equal(reader(0x80, 0, 0, 0, 0, 0, 0, 0).long(), -(1n << 63n))
  assert.equal(reader(0xff, 255, 255, 255, 255, 255, 255, 255).long(), -1n)
  assert.equal(reader(1, 2, 3, 4, 5, 6, 7, 8).long(), 0x0102030405060708n)
  assert.equal(reader(0, 0, 0, 0, 0xff, 255, 255, 255).long(), 0xffffffffn)
})

test('a zxid is exact or refused, an approximate long is rounded', () => {
  const largest = [0, 0x1f, 255, 255, 255, 255, 255, 255]
  const next = [0, 0x20, 0, 0, 0, 0, 0, 0]
  const beyond = [0, 0x20, 0, 0, 0, 0, 0, 1]
  const lowest = [0xff, 0xe0, 0, 0, 0, 0, 0, 1]
  const below = [0xff, 0xe0, 0, 0, 0, 0, 0, 0]
  assert.equal(reader(...largest).zxid(), Number.MAX_SAFE_INTEGER)
  assert.equal(reader(...lowest).zxid(), Number.MIN_SAFE_INTEGER)
  for (const bytes of [next, beyond, below]) assert.throws(() => reader(...bytes).zxid(), malformedError)
  assert.equal(reader(...beyond).approximateLong(), 2 ** 53)
  assert.equal(reader(0x7f, 255, 255, 255, 255, 255, 255, 255).millis(), 2 ** 63)
  assert.equal(reader(0x80, 0, 0, 0, 0, 0, 0, 0).millis(), -(2 ** 63))
})

test('null is no text', () => {
  assert.equal(reader(255, 255, 255, 255).string(), null)
  assert.throws(() => reader(255, 255, 255, 255).text(), malformedError)
})

test('a length is negative, too long, or longer than the bytes: each is an error of its kind', () => {
  for (const read of [
    (from: Reader) => from.string(),
    (from: Reader) => from.buffer(),
    (from: Reader) => from.copiedBuffer(),
  ]) {
    assert.throws(() => read(reader(255, 255, 255, 254)), malformedError)
    assert.throws(() => read(reader(0x80, 0, 0, 0)), malformedError)
    assert.throws(() => read(reader(0, 0x1f, 255, 255)), malformedError) // One byte more than the default allows.
    assert.throws(() => read(reader(0, 0x1f, 255, 254)), truncatedError)
    assert.throws(() => read(reader(0, 0, 0, 2, 65)), truncatedError)
    assert.throws(() => read(new Reader(new Uint8Array([0, 0, 0, 2, 65, 66]), 0, 6, 1)), malformedError)
  }
})

test('a buffer is a view', () => {
  const bytes = new Uint8Array([0, 0, 0, 2, 7, 8])
  const view = new Reader(bytes).buffer()!
  bytes[5] = 9
  assert.deepEqual([...view], [7, 9])
})

test('a copied buffer is none', () => {
  const bytes = new Uint8Array([0, 0, 0, 2, 7, 8, 255, 255, 255, 255, 1])
  const from = new Reader(bytes)
  const copy = from.copiedBuffer()!
  bytes[5] = 9
  assert.deepEqual([...copy], [7, 8])
  assert.equal(from.copiedBuffer(), null)
  assert.equal(from.bool(), true)
})

test('a vector counts -1 as null, and other negative counts as none', () => {
  const int = (from: Reader) => from.int()
  assert.equal(reader(255, 255, 255, 255).vector(int), null)
  assert.deepEqual(reader(255, 255, 255, 254).vector(int), [])
  assert.deepEqual(reader(0x80, 0, 0, 0).vector(int), [])
  assert.deepEqual(reader(0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2).vector(int), [1, 2])
})

test('a count of two billion costs no more than the bytes that are there', () => {
  let reads = 0
  const claimed = reader(0x7f, 255, 255, 255, 0, 0, 0, 1)
  assert.throws(() => claimed.vector((from) => [reads++, from.int()]), truncatedError)
  assert.equal(reads, 2)
})

test('what lies before the start and after the end is not read', () => {
  const writer = new Writer()
  for (let i = 1; i <= 4; i++) writer.int(i)
  const amid = new Reader(writer.finish(), 4, 12)
  assert.equal(amid.remaining, 8)
  assert.deepEqual([amid.int(), amid.int()], [2, 3])
  assert.throws(() => amid.int(), truncatedError)
  assert.throws(() => amid.bool(), truncatedError)
  amid.reset(writer.bytes, 12, 16)
  assert.equal(amid.int(), 4)
})

test('an error captures no stack, and leaves the limit as it was', () => {
  const limit = Error.stackTraceLimit
  assert.ok(!new JuteError('wrong').stack?.includes('\n'))
  assert.equal(Error.stackTraceLimit, limit)
})
