import assert from 'node:assert/strict'
import { test } from 'node:test'
import { JuteError, Reader, Writer } from '@vivarium/protocol'
import fc from 'fast-check'
import { toHex } from '../golden/load.ts'

test('grows from nothing, and keeps what was written', () => {
  const writer = new Writer(0)
  writer.bool(true)
  writer.int(-2)
  writer.buffer(new Uint8Array(1000).fill(7))
  writer.string('x'.repeat(1000))
  writer.raw(new Uint8Array([1, 2, 3]))
  writer.raw(new Uint8Array([1, 2, 3]), 1, 2)
  const reader = new Reader(writer.finish())
  assert.equal(reader.bool(), true)
  assert.equal(reader.int(), -2)
  assert.deepEqual(reader.buffer(), new Uint8Array(1000).fill(7))
  assert.equal(reader.string(), 'x'.repeat(1000))
  assert.deepEqual([...reader.bytes.subarray(reader.offset)], [1, 2, 3, 2])
})

test('what finish gives is a copy', () => {
  const writer = new Writer()
  writer.int(1)
  const first = writer.finish()
  writer.clear()
  writer.int(2)
  assert.equal(toHex(first), '00000001')
  assert.equal(toHex(writer.finish()), '00000002')
})

test('a time that was rounded up to 2^63 is written as the largest long', () => {
  const writer = new Writer()
  writer.millis(2 ** 63)
  writer.millis(-(2 ** 63))
  assert.equal(toHex(writer.finish()), '7fffffffffffffff8000000000000000')
})

test('integers come back', () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.maxSafeInteger(),
      fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
      (a, b, c) => {
        const writer = new Writer(1)
        writer.int(a)
        writer.zxid(b)
        writer.millis(b)
        writer.long(c)
        writer.long(BigInt(b))
        const reader = new Reader(writer.finish())
        assert.deepEqual([reader.int(), reader.zxid(), reader.millis(), reader.long()], [a, b, b, c])
        assert.equal(reader.zxid(), b)
      },
    ),
  )
})

test('what is to have an end takes no more room than that, and keeps what was written before', () => {
  const writer = new Writer(4)
  writer.limit = 10
  writer.int(1)
  writer.int(2)
  assert.throws(() => writer.int(3), JuteError)
  assert.throws(() => writer.buffer(new Uint8Array(1_000_000)), JuteError)
  writer.raw(Uint8Array.of(9, 9))
  assert.deepEqual([writer.bytes.length, writer.length], [10, 10])
  writer.limit = Number.POSITIVE_INFINITY
  writer.int(4)
  assert.deepEqual([...writer.finish()], [0, 0, 0, 1, 0, 0, 0, 2, 9, 9, 0, 0, 0, 4])
})
