import assert from 'node:assert/strict'
import { test } from 'node:test'
import { JuteError, Reader, Writer } from '@vivarium/protocol'
import fc from 'fast-check'
import { generated, interpreted } from '../../dist/jute/record.js'
import { anyRecordOf } from '../arbitraries.ts'
import { toHex } from '../golden/load.ts'
import { ALL_RECORDS } from '../records/all-records.ts'

/** Any record that there is, with any values. */
const anyRecord = fc
  .constantFrom(...ALL_RECORDS.values())
  .chain((codec) => anyRecordOf(codec).map((value) => ({ codec, value })))

test('any record comes back as it was', () => {
  fc.assert(
    fc.property(anyRecord, ({ codec, value }) => {
      const writer = new Writer()
      codec.write(writer, value)
      const reader = new Reader(writer.finish())
      assert.deepEqual(codec.read(reader), value)
      assert.equal(reader.remaining, 0)
    }),
    { numRuns: 500 },
  )
})

test('generated code and the loop over the fields do the same', () => {
  fc.assert(
    fc.property(anyRecord, ({ codec, value }) => {
      const written = [generated(codec.fields), interpreted(codec.fields)].map((functions) => {
        const writer = new Writer()
        functions.write(writer, value)
        const bytes = writer.finish()
        return { hex: toHex(bytes), read: functions.read(new Reader(bytes)) }
      })
      assert.deepEqual(written[0], written[1])
      // Same names, and in the same order.
      assert.equal(inspectable(written[0]!.read), inspectable(written[1]!.read))
    }),
  )
})

test('a record that is cut off anywhere is an error, and costs nothing else', () => {
  fc.assert(
    fc.property(anyRecord, ({ codec, value }) => {
      const writer = new Writer()
      codec.write(writer, value)
      const bytes = writer.finish()
      for (let length = 0; length < bytes.length; length++) {
        assert.throws(
          () => codec.read(new Reader(bytes, 0, length)),
          (error) => error instanceof JuteError && error.truncated,
        )
      }
    }),
  )
})

test('whatever the bytes, a decoder gives a record or a JuteError', () => {
  // Mostly small numbers and -1, which get further into a record than noise does.
  const piece = fc.oneof(
    fc.constantFrom([255, 255, 255, 255], [255, 255, 255, 254], [127, 255, 255, 255], [0, 0, 0, 0], [0, 0, 0, 1]),
    fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 1, maxLength: 4 }),
  )
  fc.assert(
    fc.property(fc.constantFrom(...ALL_RECORDS.values()), fc.array(piece, { maxLength: 30 }), (codec, pieces) => {
      const reader = new Reader(new Uint8Array(pieces.flat()))
      try {
        codec.read(reader)
      } catch (error) {
        assert.ok(error instanceof JuteError)
      }
      assert.ok(reader.offset <= reader.end)
    }),
    { numRuns: 2000 },
  )
})

function inspectable(value: unknown): string {
  return JSON.stringify(value, (_, field) => (typeof field === 'bigint' ? `${field}n` : field))
}
