import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bySoonest, expiryOf } from '../../dist/app/sessions/expiry.js'
import type { Session } from '../../dist/app/sessions/types.js'

const session = (id: string, expiresAt: number | null, answeredAt: number | null = null): Session => ({
  session: id,
  timeoutMs: 30_000,
  expiresAt,
  address: null,
  secure: false,
  ephemerals: 0,
  connection:
    answeredAt === null
      ? null
      : {
          establishedAt: 1000,
          answeredAt,
          received: 0,
          sent: 0,
          outstanding: 0,
          lastOperation: '',
          averageLatencyMs: 0,
          maxLatencyMs: 0,
        },
})

test('who decides is believed; of others it is known when their client was answered last, or came', () => {
  assert.equal(expiryOf(session('a', 5000, 9000)), 5000)
  assert.equal(expiryOf(session('a', null, 9000)), 39_000)
  assert.equal(expiryOf(session('a', null, 0)), 31_000)
  assert.equal(expiryOf(session('a', null)), null)
  assert.equal(expiryOf({ ...session('a', null, 9000), timeoutMs: 0 }), null)
})

test('what expires next comes first, and what nobody knows last', () => {
  const all = [session('unknown', null), session('late', 90_000), session('soon', null, 5000), session('next', 100)]
  assert.deepEqual(
    bySoonest(all).map(({ session }) => session),
    ['next', 'soon', 'late', 'unknown'],
  )
})
