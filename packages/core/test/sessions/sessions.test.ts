import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { type Expirable, ExpiryQueue, firstSessionId, formatSessionId, Session, SessionTracker } from '@vivarium/core'
import { sessionPassword } from '@vivarium/protocol'

type ExpiryStep = [
  now: number,
  expired: number[],
  operation: 'update' | 'remove',
  element: number,
  timeout: number,
  changed: boolean | null,
  buckets: Record<string, number[]>,
  wait: number,
]

/** Written by RecordSessions.java. */
const recorded = JSON.parse(
  readFileSync(new URL('../../test/sessions/sessions.recording', import.meta.url), 'utf8'),
) as {
  firstIds: [server: number, time: number, id: string][]
  expiry: [interval: number, start: number, steps: ExpiryStep[]][]
}

test('elements expire in the same buckets as in Apache ZooKeeper', () => {
  for (const [interval, start, steps] of recorded.expiry) {
    const elements = Array.from({ length: 12 }, (_, number) => ({ number, expiresAtMs: 0, place: null }))
    const queue = new ExpiryQueue<(typeof elements)[number]>(interval, start)
    for (const [now, expired, operation, number, timeout, changed, buckets, wait] of steps) {
      const element = elements[number] as (typeof elements)[number]
      const numbers = queue.poll(now).map(({ number }) => number)
      assert.deepEqual(
        numbers.sort((a, b) => a - b),
        expired,
      )
      if (operation === 'update') assert.equal(queue.update(element, timeout, now), changed)
      else queue.remove(element)
      const got = queue
        .buckets()
        .map(({ expiresAtMs, elements }) => [
          String(expiresAtMs),
          elements.map(({ number }) => number).sort((a, b) => a - b),
        ])
      assert.deepEqual(Object.fromEntries(got), buckets)
      assert.equal(queue.waitMs(now), wait)
      assert.equal(queue.size, Object.values(buckets).flat().length)
    }
  }
})

test('what expires late expires bucket by bucket, however long nobody looked', () => {
  const queue = new ExpiryQueue<Expirable & { name: string }>(10, 0)
  const add = (name: string, timeout: number) => queue.update({ expiresAtMs: 0, place: null, name }, timeout, 0)
  add('late', 95)
  add('early', 1)
  add('later', 1e9)
  assert.deepEqual(queue.poll(9), [])
  assert.deepEqual(
    queue.poll(1e6).map(({ name }) => name),
    ['early', 'late'],
  )
  assert.equal(queue.size, 1)
})

test('the first session ids are those of Apache ZooKeeper', () => {
  for (const [server, time, id] of recorded.firstIds) assert.equal(String(firstSessionId(server, time)), id)
})

test("a session knows its id in halves, and prints it as two's complement", () => {
  const session = new Session(-2n, 1000)
  assert.deepEqual([session.idHigh, session.idLow], [-1, -2])
  assert.equal(formatSessionId(session.id), '0xfffffffffffffffe')
  const other = new Session(0x1_8000_0000n, 1000)
  assert.deepEqual([other.idHigh, other.idLow], [1, -0x8000_0000])
})

function tracker() {
  return new SessionTracker({ serverId: 1, tickMs: 100, minTimeoutMs: 200, maxTimeoutMs: 2000, nowMs: 1000 })
}

test('timeouts are negotiated into the bounds', () => {
  const sessions = tracker()
  assert.deepEqual(
    [-5, 0, 200, 777, 2000, 9999].map((ms) => sessions.negotiate(ms)),
    [200, 200, 200, 777, 2000, 2000],
  )
})

test('ids count up from the first, and wrap as Java longs', () => {
  const sessions = tracker()
  const first = sessions.open(200, 1000)
  assert.equal(first.id, firstSessionId(1, 1000))
  assert.equal(sessions.open(200, 1000).id, first.id + 1n)
})

test('a clock that shows the same time after a restart brings nobody the session of another', () => {
  const options = { serverId: 1, tickMs: 1000, minTimeoutMs: 2000, maxTimeoutMs: 20_000, nowMs: 0, idTimeMs: 1 }
  const [first, second] = [new SessionTracker(options).open(5000, 0), new SessionTracker(options)]
  second.track(first.id, 5000, 0)
  second.track(first.id + 1n, 5000, 0)
  assert.equal(second.open(5000, 0).id, first.id + 2n)
  assert.equal(second.open(5000, 0).id, first.id + 3n)
  assert.equal(new SessionTracker({ ...options, idOffset: 9 }).open(5000, 0).id, first.id + 9n)
})

test('a session that is touched lives, one that is not expires once', () => {
  const sessions = tracker()
  const alive = sessions.open(250, 1000)
  const silent = sessions.open(250, 1000)
  assert.equal(silent.expiresAtMs, 1300)
  assert.equal(sessions.touch(alive, 1100), true)
  assert.equal(alive.expiresAtMs, 1400)
  assert.equal(sessions.waitMs(1050), 50)
  assert.deepEqual(sessions.expire(1299), [])
  assert.deepEqual(sessions.expire(1300), [silent])
  assert.deepEqual(sessions.expire(1300), [])
  assert.equal(silent.closing, true)
  assert.equal(sessions.touch(silent, 1300), false)
  assert.equal(sessions.check(silent.id, {}), 'SESSIONEXPIRED')
  assert.equal(sessions.expiredCount, 1)
  assert.equal(sessions.get(silent.id), silent)
  assert.equal(sessions.remove(silent.id), silent)
  assert.equal(sessions.remove(silent.id), undefined)
  assert.equal(sessions.size, 1)
})

test('a session is given back to who knows its password, with the timeout asked for now', () => {
  const sessions = tracker()
  const session = sessions.open(250, 1000)
  const password = sessionPassword(session.id)
  const wrong = password.with(15, (password[15] as number) ^ 1)
  assert.equal(sessions.reattach(session.id, wrong, 500, 1000), 'wrong password')
  assert.equal(sessions.reattach(session.id, null, 500, 1000), 'wrong password')
  assert.equal(sessions.reattach(session.id, password.subarray(0, 15), 500, 1000), 'wrong password')
  assert.equal(sessions.reattach(0n, sessionPassword(0n), 500, 1000), 'wrong password')
  assert.equal(sessions.reattach(5n, sessionPassword(5n), 500, 1000), 'unknown')
  assert.equal(session.expiresAtMs, 1300)
  assert.equal(sessions.reattach(session.id, password, 500, 1000), session)
  assert.deepEqual([session.expiresAtMs, session.timeoutMs, session.createdTimeoutMs], [1600, 500, 250])
  sessions.close(session)
  assert.equal(sessions.reattach(session.id, password, 500, 1000), 'closing')
})

test('the first who asks owns a session', () => {
  const sessions = tracker()
  const session = sessions.open(250, 1000)
  const [a, b] = [{}, {}]
  assert.equal(sessions.check(session.id, a), 'OK')
  assert.equal(sessions.check(session.id, b), 'SESSIONMOVED')
  session.owner = b
  assert.equal(sessions.check(session.id, b), 'OK')
  assert.equal(sessions.check(99n, b), 'SESSIONEXPIRED')
})

test('who had a session before a connection here does not have it again when that has ended', () => {
  const sessions = tracker()
  const session = sessions.open(250, 1000)
  const learner = {}
  session.owner = null
  session.parted = true
  assert.equal(sessions.check(session.id, learner), 'SESSIONMOVED')
  session.owner = learner
  assert.equal(sessions.check(session.id, learner), 'OK')
})

test('only sessions whose creation was applied count as global', () => {
  const sessions = tracker()
  const session = sessions.open(250, 1000)
  assert.equal(sessions.committedCount, 0)
  assert.equal(sessions.commit(session.id, 250, 1000), session)
  sessions.commit(session.id, 250, 1000)
  sessions.commit(77n, 400, 1000)
  assert.equal(sessions.committedCount, 2)
  assert.equal(sessions.get(77n)?.expiresAtMs, 1500)
  sessions.remove(77n)
  assert.equal(sessions.committedCount, 1)
})

test('dump lists the sessions by the time at which they expire', () => {
  const sessions = tracker()
  sessions.track(0x20n, 1000, 1000)
  sessions.track(-1n, 250, 1000)
  sessions.track(0x30n, 1000, 1000)
  assert.equal(
    sessions.dump((ms) => `<${ms}>`),
    'Session Sets (2)/(3):\n1 expire at <1300>:\n\t0xffffffffffffffff\n2 expire at <2100>:\n\t0x20\n\t0x30\n',
  )
})
