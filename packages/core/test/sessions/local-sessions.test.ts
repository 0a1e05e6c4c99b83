import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LocalSessions } from '@vivarium/core'

const TIMEOUT_MS = 4000

function locals(serverId = 3): LocalSessions {
  const bounds = { minTimeoutMs: 2000, maxTimeoutMs: 20_000 }
  return new LocalSessions({ serverId, tickMs: 1000, ...bounds, nowMs: 0, idTimeMs: 5000, upgrading: true })
}

test('a local session exists at once, and takes no id that all servers know already', () => {
  const [first, second] = [locals().open(TIMEOUT_MS, 0).id, locals()]
  second.restart(new Map([[first, TIMEOUT_MS]]), 0)
  const session = second.open(TIMEOUT_MS, 0)
  assert.deepEqual([session.id, session.local, session.committed], [first + 1n, true, true])
  assert.equal(second.size, 1)
})

test('one that is given away neither expires here any more, nor is it over', () => {
  const sessions = locals()
  const session = sessions.open(TIMEOUT_MS, 0)
  sessions.release(session)
  assert.deepEqual([session.local, session.committed, session.closing], [false, false, false])
  assert.deepEqual(sessions.expire(60_000), [])
  assert.equal(sessions.get(session.id), undefined)
})

test('when serving begins again, each has its full timeout', () => {
  const sessions = locals()
  const session = sessions.open(TIMEOUT_MS, 0)
  sessions.restart(new Map(), 100_000)
  assert.deepEqual(sessions.expire(103_000), [])
  assert.deepEqual(sessions.expire(105_000), [session])
})

test('the top byte of an id tells whose it is, negative ids too', () => {
  assert.ok(locals(3).mayBeElsewhere(0x0200_0000_0000_0001n))
  assert.ok(!locals(3).mayBeElsewhere(0x0300_0000_0000_0001n))
  assert.ok(!locals(200).mayBeElsewhere(BigInt.asIntN(64, 0xc800_0000_0000_0001n)))
  assert.ok(locals(201).mayBeElsewhere(BigInt.asIntN(64, 0xc800_0000_0000_0001n)))
})

test('for the longest timeout, a session that all servers knew is not taken for one of another server', () => {
  const [sessions, id, next] = [locals(3), 0x0200_0000_0000_0001n, 0x0200_0000_0000_0002n]
  sessions.ended(id, 1000)
  sessions.ended(next, 20_999)
  assert.deepEqual([sessions.mayBeElsewhere(id), sessions.mayBeElsewhere(next)], [false, false])
  sessions.ended(0x0200_0000_0000_0003n, 21_000)
  assert.deepEqual([sessions.mayBeElsewhere(id), sessions.mayBeElsewhere(next)], [true, false])
})
