import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crc32 as zlibCrc32 } from 'node:zlib'
import fc from 'fast-check'
import { crc32Int, crc32Long } from '../../dist/tree/crc32.js'
import { crc32, isUndigested, TreeDigest } from '../../dist/tree/index.js'

test('crc32 is zlib’s, also in parts', () => {
  const property = fc.property(fc.uint8Array({ maxLength: 70 }), fc.nat(70), (bytes, cut) => {
    const at = Math.min(cut, bytes.length)
    assert.equal(crc32(bytes, 0, bytes.length), zlibCrc32(bytes))
    assert.equal(crc32(bytes, at, bytes.length, crc32(bytes, 0, at)), zlibCrc32(bytes))
  })
  fc.assert(property)
})

test('integers count in a crc as their four bytes each', () => {
  const property = fc.property(fc.integer(), fc.integer(), (first, second) => {
    const bytes = Buffer.alloc(8)
    bytes.writeInt32BE(first, 0)
    bytes.writeInt32BE(second, 4)
    assert.equal(~crc32Int(crc32Int(~0, first), second) >>> 0, zlibCrc32(bytes))
    assert.equal(~crc32Long(~0, first, second) >>> 0, zlibCrc32(bytes))
  })
  fc.assert(property)
})

test('a tree digest is a sum in 64 bits that wraps', () => {
  const anyDigest = fc.integer({ min: 0, max: 0xffff_ffff })
  const property = fc.property(fc.array(fc.tuple(fc.boolean(), anyDigest)), (steps) => {
    const digest = new TreeDigest()
    let sum = 0n
    for (const [adds, value] of steps) {
      if (adds) digest.add(value)
      else digest.subtract(value)
      sum += adds ? BigInt(value) : -BigInt(value)
    }
    assert.equal((BigInt(digest.high) << 32n) | BigInt(digest.low), BigInt.asUintN(64, sum))
  })
  fc.assert(property)
})

test('only what is below /zookeeper is left out of digests', () => {
  const left = (path: string): boolean => isUndigested(Buffer.from(`x${path}x`), 1, 1 + path.length)
  assert.deepEqual(['/zookeeper/a', '/zookeeper/'].map(left), [true, true])
  assert.deepEqual(['/zookeeper', '/zookeepers/', '', '/', '/a/zookeeper/b'].map(left), Array(5).fill(false))
})
