import assert from 'node:assert/strict'
import test from 'node:test'
import { deflateSync } from 'node:zlib'
import fc from 'fast-check'
import { ADLER32_EMPTY, adler32 } from '../../dist/storage/adler32.js'

/** A zlib stream ends with the checksum of what it holds. */
function reference(bytes: Uint8Array): number {
  return deflateSync(bytes, { level: 1 }).readUInt32BE(deflateSync(bytes, { level: 1 }).length - 4)
}

test('agrees with zlib', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 9000, size: 'max' }), (bytes) => {
      assert.equal(adler32(ADLER32_EMPTY, bytes, 0, bytes.length), reference(bytes))
    }),
    { numRuns: 200 },
  )
})

test('stays exact where the sums are largest', () => {
  const bytes = new Uint8Array(1_000_003).fill(255)
  assert.equal(adler32(ADLER32_EMPTY, bytes, 0, bytes.length), reference(bytes))
})

test('goes on where it left off', () => {
  const bytes = Uint8Array.from({ length: 10_000 }, (_, index) => index * 7)
  let checksum = ADLER32_EMPTY
  for (let at = 0; at < bytes.length; at += 13) checksum = adler32(checksum, bytes, at, Math.min(at + 13, bytes.length))
  assert.equal(checksum, reference(bytes))
})
