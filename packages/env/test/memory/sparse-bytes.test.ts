import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { BLOCK_BYTES, SparseBytes } from '../../dist/memory/sparse-bytes.js'

const MOST = 3 * BLOCK_BYTES

const change = fc.oneof(
  fc.record({
    position: fc.nat(MOST),
    bytes: fc.oneof(
      fc.uint8Array({ maxLength: 20 }),
      fc.nat(2 * BLOCK_BYTES).map((length) => new Uint8Array(length)),
    ),
  }),
  fc.record({ size: fc.nat(MOST) }),
)

interface Pair {
  readonly sparse: SparseBytes
  plain: Uint8Array
}

function apply(pair: Pair, one: typeof change extends fc.Arbitrary<infer T> ? T : never): void {
  const { sparse, plain } = pair
  const size = 'size' in one ? one.size : one.bytes.length === 0 ? plain.length : one.position + one.bytes.length
  const next = new Uint8Array('size' in one ? size : Math.max(plain.length, size))
  next.set(plain.subarray(0, next.length))
  if ('size' in one) sparse.truncate(size)
  else {
    sparse.write(one.position, one.bytes)
    if (one.bytes.length > 0) next.set(one.bytes, one.position)
  }
  pair.plain = next
}

test('bytes and their copies are what was written to each', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 8 }), fc.array(change, { maxLength: 4 }), (before, after) => {
      const pair: Pair = { sparse: new SparseBytes(), plain: new Uint8Array(0) }
      for (const one of before) apply(pair, one)
      const copy: Pair = { sparse: pair.sparse.copy(), plain: pair.plain }
      for (const [index, one] of after.entries()) apply(index % 2 === 0 ? pair : copy, one)
      for (const { sparse, plain } of [pair, copy]) {
        assert.equal(sparse.size, plain.length)
        assert.equal(Buffer.compare(sparse.read(0, MOST * 2), plain), 0)
      }
    }),
  )
})

test('zeros use up the disk like anything else', () => {
  const bytes = new SparseBytes()
  assert.equal(bytes.growthBytes(0, 2 * BLOCK_BYTES), 2 * BLOCK_BYTES)
  bytes.write(0, new Uint8Array(2 * BLOCK_BYTES))
  assert.equal(bytes.usedBytes, 2 * BLOCK_BYTES)
  assert.equal(bytes.growthBytes(0, 2 * BLOCK_BYTES), 0)
})

test('what is read into a buffer is all that is there afterwards, zeros too, and nothing is touched beside it', () => {
  const bytes = new SparseBytes()
  bytes.write(5000, Uint8Array.of(1, 2, 3))
  const buffer = new Uint8Array(10).fill(9)
  assert.equal(bytes.readInto(buffer, 1, 9, 4998), 5)
  assert.deepEqual([...buffer], [9, 0, 0, 1, 2, 3, 9, 9, 9, 9])
  assert.equal(bytes.readInto(buffer, 0, 10, 6000), 0)
})
