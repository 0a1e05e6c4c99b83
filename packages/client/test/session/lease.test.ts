import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Lease } from '../../dist/session/lease.js'

test('an answer extends the session from when its question left', () => {
  const lease = new Lease()
  lease.begin(100, 110, 900)
  assert.equal(lease.endsMs, 1000)
  lease.requested()
  lease.requested()
  lease.flushed(200)
  lease.requested()
  lease.flushed(250)
  lease.heard(300)
  lease.answered()
  assert.equal(lease.endsMs, 1000)
  lease.answered()
  assert.equal(lease.endsMs, 1100)
  // The third left while the second was timed; what is timed next is a later one.
  lease.answered()
  assert.equal(lease.endsMs, 1100)
  lease.requested()
  lease.flushed(400)
  lease.answered()
  assert.equal(lease.endsMs, 1300)
})

test('a ping extends it, and one that is not answered does not', () => {
  const lease = new Lease()
  lease.begin(0, 0, 900)
  assert.equal(lease.pingDueMs, 225)
  lease.pinged(300)
  lease.flushed(300)
  assert.equal(lease.pingDueMs, Number.POSITIVE_INFINITY)
  assert.equal(lease.endsMs, 900)
  lease.heard(310)
  lease.pingAnswered()
  assert.equal(lease.endsMs, 1200)
  assert.equal(lease.pingDueMs, 535)
  assert.equal(lease.silentMs, 910)
})

test('another connection starts afresh, and keeps what was proven', () => {
  const lease = new Lease()
  lease.begin(0, 0, 900)
  lease.requested()
  lease.flushed(500)
  lease.begin(600, 650, 600)
  assert.equal(lease.endsMs, 1200)
  lease.requested()
  lease.flushed(700)
  lease.answered()
  assert.equal(lease.endsMs, 1300)
  lease.reset()
  lease.begin(10, 20, 100)
  assert.equal(lease.endsMs, 110)
})

/** Pings at this moment, and hears the answer `afterMs` later. */
function ping(lease: Lease, leftMs: number, afterMs = 10): void {
  lease.pinged(leftMs)
  lease.heard(leftMs + afterMs)
  lease.pingAnswered()
}

test('an answer is settled by one to what left a quarter of the timeout after it was there, and not before', () => {
  const lease = new Lease()
  lease.begin(0, 0, 800)
  ping(lease, 250, 40) // Settles the beginning, and is settled itself by what leaves from 490 on.
  assert.equal(lease.sureMs, 800)
  ping(lease, 489)
  assert.deepEqual([lease.sureMs, lease.endsMs], [800, 1289])
  ping(lease, 490)
  assert.deepEqual([lease.sureMs, lease.endsMs], [1050, 1290])
  // 489 was not kept: the next to be settled is what did the settling.
  ping(lease, 700)
  assert.equal(lease.sureMs, 1290)
})

test('other requests settle as pings do', () => {
  const lease = new Lease()
  lease.begin(0, 0, 800)
  for (const leftMs of [100, 300, 500]) {
    lease.requested()
    lease.flushed(leftMs)
    lease.heard(leftMs)
    lease.answered()
  }
  assert.equal(lease.sureMs, 1100)
  assert.equal(lease.pingDueMs, 700)
})

test('what came to another server is settled at once, and what the last one answered is not asked for any more', () => {
  const lease = new Lease()
  lease.begin(0, 0, 800)
  ping(lease, 200)
  lease.begin(300, 390, 800)
  assert.equal(lease.sureMs, 1100)
  ping(lease, 580)
  assert.equal(lease.sureMs, 1100)
  ping(lease, 790)
  assert.equal(lease.sureMs, 1100)
  lease.reset()
  lease.begin(10, 20, 100)
  assert.equal(lease.sureMs, 110)
})
