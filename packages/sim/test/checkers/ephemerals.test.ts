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

/** As above, in an ensemble: server 1 leads from 4000 ms on; something else happens there. */
function endsInEnsemble(ms: number, kind: 'serving' | 'crashed' = 'serving', atMs = 4000): string {
  const story = new Story()
  story.nowMs = 4500
  const a = story.opens('A', 1000)
  story.asks(a, { kind: 'ping' }, { err: 0 }, { ms: 5000 })
  story.logs({ type: OpCode.closeSession, clientId: 1n })
  story.happens('serving', 'leads', 4000)
  if (atMs !== 4000) story.happens(kind, 'more', atMs)
  story.happens('session ended', 'the session ends', ms, 1n)
  return ephemerals.check(story.told({ endMs: 20_000, ensemble: true })).join()
}

test('in an ensemble the leader decides, and hears a little later', () => {
  assert.equal(endsInEnsemble(6650), '')
  assert.match(endsInEnsemble(5900), /ended at 5900.0 ms, though it was alive/)
  assert.match(endsInEnsemble(7000), /ended at 7000.0 ms, though nothing was heard/)
  assert.equal(endsInEnsemble(7000, 'serving', 5500), '', 'a new leader gives every session its full time')
  assert.equal(endsInEnsemble(9000, 'crashed', 5500), '', 'nobody ends sessions while nobody leads')
})
