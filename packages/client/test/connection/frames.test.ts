import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Frames } from '../../dist/connection/frames.js'

const MAX = 40

function collect(): { frames: string[]; sink: ConstructorParameters<typeof Frames>[0] } {
  const frames: string[] = []
  const text = (bytes: Uint8Array, start: number, end: number) =>
    Buffer.from(bytes.subarray(start, end)).toString('hex')
  return {
    frames,
    sink: {
      frame: (bytes, start, end) => frames.push(text(bytes, start, end)) > 0,
      oversized: (bytes, start, end, length) => frames.push(`${length}: ${text(bytes, start, end)}`) > 0,
    },
  }
}

test('frames come out whole, however their bytes arrive', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 40 }),
      (bodies, pieces) => {
        const { frames, sink } = collect()
        const reader = new Frames(sink, MAX)
        const all = Buffer.concat(
          bodies.flatMap((body) => {
            const prefix = Buffer.alloc(4)
            prefix.writeInt32BE(body.length)
            return [prefix, Buffer.from(body)]
          }),
        )
        for (let at = 0, i = 0; at < all.length; i++) {
          const end = Math.min(all.length, at + (pieces[i % pieces.length] as number))
          // Lent, as a socket's buffer is: other bytes stand there afterwards.
          const lent = Buffer.from(all.subarray(at, end))
          assert.ok(reader.push(lent, 0, lent.length))
          lent.fill(0xff)
          at = end
        }
        const expected = bodies.map((body) => {
          const hex = Buffer.from(body).toString('hex')
          return body.length <= MAX ? hex : `${body.length}: ${hex.slice(0, 32)}`
        })
        assert.deepEqual(frames, expected)
      },
    ),
  )
})

test('a negative length makes no sense', () => {
  const { sink } = collect()
  assert.equal(new Frames(sink, MAX).push(Uint8Array.of(255, 255, 255, 255, 0), 0, 5), false)
})

test('nothing is kept for what a length promises', () => {
  const { frames, sink } = collect()
  const reader = new Frames(sink, 2 ** 31 - 1)
  const before = process.memoryUsage().arrayBuffers
  assert.ok(reader.push(Uint8Array.of(0x7f, 0xff, 0xff, 0xff, 1), 0, 5))
  assert.ok(process.memoryUsage().arrayBuffers - before < 2 ** 20)
  assert.deepEqual(frames, [])
})
