import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { SseParser } from '../../dist/app/api/sse-parser.js'

const STREAM =
  ': hello\n\nevent: ready\ndata: {}\n\nid: 7-1\nevent: changed\ndata: {"path":\ndata: "/a"}\n\ndata: x\r\n\r\n'
const EVENTS = [
  { type: 'ready', data: '{}', id: '' },
  { type: 'changed', data: '{"path":\n"/a"}', id: '7-1' },
  { type: 'message', data: 'x', id: '7-1' },
]

test('events are those of the stream, however it is cut', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(STREAM.length)), (cuts) => {
      const at = [0, ...cuts.toSorted((a, b) => a - b), STREAM.length]
      const parser = new SseParser()
      const events = at.slice(1).flatMap((end, index) => parser.push(STREAM.slice(at[index], end)))
      assert.deepEqual(events, EVENTS)
    }),
  )
})

test('what is no event is passed over', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const parser = new SseParser()
      parser.push(text)
      parser.push('\n\n')
      assert.equal(parser.push('event: ready\ndata: {}\n\n')[0]?.type, 'ready')
    }),
  )
})

test('data that does not end is not gathered for ever', () => {
  const parser = new SseParser()
  for (let at = 0; at < 100; at++) parser.push(`data: ${'x'.repeat(100_000)}\n`)
  const [event] = parser.push('\n')
  assert.ok((event?.data.length ?? 0) <= 1 << 20)
})
