import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OpCode } from '@vivarium/protocol'
import { ephemerals } from '../../dist/checkers/ephemerals.js'
import { Story } from './story.js'

/** A session of 1000 ms that last asked something at 5000 ms, on a server with ticks of 100 ms. */
function endsAt(ms: number | null, endMs = 20_000): string {
  const story = new Story()
  story.nowMs = 4500
  const a = story.opens('A', 1000)
  story.asks(a, { kind: 'ping' }, { err: 0 }, { ms: 5000 })
  if (ms !== null) {
    story.logs({ type: OpCode.closeSession, clientId: 1n })
    story.happens('session ended', 'the session ends', ms, 1n)
  }
  return ephemerals.check(story.told({ endMs })).join()
}

test('a session that ends when its time has come is good', () => assert.equal(endsAt(6050), ''))

test('a session that ends before that is found', () =>
  assert.match(endsAt(5900), /ended at 5900.0 ms, though it was alive/))

test('a session that lives on is found', () => {
  assert.match(endsAt(7000), /ended at 7000.0 ms, though nothing was heard/)
  assert.match(endsAt(null), /was there at 20000.0 ms/)
  assert.equal(endsAt(null, 6000), '')
})
