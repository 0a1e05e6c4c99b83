import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { test } from 'node:test'
import { EventStream } from '../../dist/events/event-stream.js'

/** An answer that nobody reads. */
function unread(): { readonly response: ServerResponse; readonly written: string[]; destroyed: boolean } {
  const written: string[] = []
  const state = {
    written,
    destroyed: false,
    response: {
      get writableLength() {
        return written.join('').length
      },
      write: (text: Buffer) => written.push(text.toString()),
      end: () => {},
      destroy: () => {
        state.destroyed = true
      },
    } as unknown as ServerResponse,
  }
  return state
}

test('what comes in one turn is written at once', () => {
  const { response, written } = unread()
  const stream = new EventStream(response, 100)
  assert.deepEqual(
    ['a', 'b', 'c'].map((text) => stream.add(Buffer.from(text))),
    [true, false, false],
  )
  stream.flush()
  assert.deepEqual(written, ['abc'])
  assert.ok(stream.add(Buffer.from('d')))
})

test('a reader that is too far behind is cut off before more is kept for it', () => {
  const state = unread()
  const stream = new EventStream(state.response, 25)
  for (let i = 0; i < 4; i++) {
    stream.add(Buffer.alloc(10))
    stream.flush()
  }
  assert.deepEqual([state.destroyed, state.written.join('').length, stream.isOver], [true, 20, true])
  assert.equal(stream.add(Buffer.from('x')), false)
})
