import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeZxid } from '@vivarium/protocol'
import {
  CommittedLog,
  DEFAULT_COMMIT_LOG_COUNT,
  type LoggedTxn,
  planSync,
  type SyncPlan,
} from '../../dist/zab/index.js'
import { committedLog, txn, txns, zxidsOf } from './txns.ts'

const history = [...txns(1, 1, 4), ...txns(2, 1, 3)]
const Z = makeZxid

function plan(
  peerZxid: number,
  committed: readonly LoggedTxn[] = history,
  logged: readonly LoggedTxn[] | null | undefined = undefined,
  lastZxid = Z(2, 3),
  forceSnapshot = false,
): unknown[] {
  const made: SyncPlan = planSync({ peerZxid, lastZxid, committed: committedLog(committed), logged, forceSnapshot })
  return made.mode === 'LOG' ? ['LOG'] : [made.mode, made.zxid, ...zxidsOf(made.txns)]
}

test('who has the same gets nothing, who has less gets the rest', () => {
  assert.deepEqual(plan(Z(2, 3)), ['DIFF', Z(2, 3)])
  assert.deepEqual(plan(Z(2, 1)), ['DIFF', Z(2, 3), Z(2, 2), Z(2, 3)])
  assert.deepEqual(plan(Z(1, 3)), ['DIFF', Z(2, 3), ...zxidsOf(history.slice(3))])
})

test('who has more forgets it', () => {
  assert.deepEqual(plan(Z(2, 9)), ['TRUNC', Z(2, 3)])
  assert.deepEqual(plan(Z(3, 1)), ['TRUNC', Z(2, 3)])
})

test('who took another turn at the end of an epoch gets all', () => {
  assert.deepEqual(plan(Z(1, 5)), ['SNAP', Z(2, 3)])
})

test('who stands at the beginning of an epoch has all that came before it', () => {
  assert.deepEqual(plan(Z(2, 0)), ['DIFF', Z(2, 3), ...zxidsOf(history.slice(4))])
  assert.deepEqual(plan(Z(3, 0)), ['SNAP', Z(2, 3)], 'a later one is not truncated')
  assert.deepEqual(plan(Z(2, 3), history, undefined, Z(3, 0)), ['DIFF', Z(2, 3)], 'nor does the leader count as ahead')
  assert.deepEqual(plan(Z(3, 1), [], undefined, Z(3, 0)), ['SNAP', Z(3, 0)], 'and nobody is truncated to one')
})

test('a snapshot is sent if that is asked for', () => {
  assert.deepEqual(plan(Z(2, 3), history, undefined, Z(2, 3), true), ['SNAP', Z(2, 3)])
})

test('who is further behind gets what the log has, if it joins what is in memory (ZOOKEEPER-2418)', () => {
  const recent = history.slice(4)
  assert.deepEqual(plan(Z(1, 2), recent), ['LOG'])
  assert.deepEqual(plan(Z(1, 2), recent, history.slice(1)), ['DIFF', Z(2, 3), ...zxidsOf(history.slice(2))])
  assert.deepEqual(plan(Z(1, 2), recent, history.slice(1, 5)), ['DIFF', Z(2, 3), ...zxidsOf(history.slice(2))])
  assert.deepEqual(plan(Z(1, 2), recent, history.slice(1, 4)), ['SNAP', Z(2, 3)], 'the log ends before')
  assert.deepEqual(plan(Z(1, 2), recent, null), ['SNAP', Z(2, 3)])
  assert.deepEqual(plan(Z(1, 2), recent, history.slice(2)), ['SNAP', Z(2, 3)], 'the log begins after it')
  assert.deepEqual(plan(Z(1, 2), recent, []), ['SNAP', Z(2, 3)])
})

test('a log with a hole is not sent on (ZOOKEEPER-2846)', () => {
  const recent = history.slice(5)
  const holed = history.filter(({ zxid }) => zxid !== Z(1, 3))
  assert.deepEqual(plan(Z(1, 2), recent, holed.slice(1)), ['SNAP', Z(2, 3)])
  const late = history.filter(({ zxid }) => zxid !== Z(2, 1))
  assert.deepEqual(plan(Z(1, 2), recent, late.slice(1)), ['SNAP', Z(2, 3)], 'nor one that lacks the first of an epoch')
})

test('what the log has beyond the last commit is left out', () => {
  const log = [...history, ...txns(2, 4, 6)]
  assert.deepEqual(plan(Z(1, 1), history.slice(4), log), ['DIFF', Z(2, 3), ...zxidsOf(history.slice(1))])
})

test('who has nothing is not taken for one who lacks just what is in memory (ZOOKEEPER-4352)', () => {
  assert.deepEqual(plan(0), ['LOG'])
  assert.deepEqual(plan(0, history, null), ['SNAP', Z(2, 3)])
  assert.deepEqual(plan(0, [], undefined, 0), ['DIFF', 0])
})

test('the committed log keeps the last ones, without a hole', () => {
  const log = new CommittedLog(0)
  assert.deepEqual([log.size, log.min, log.max, log.after(-1)], [0, 0, 0, []])
  for (const one of txns(1, 1, DEFAULT_COMMIT_LOG_COUNT + 5)) log.add(one)
  assert.deepEqual([log.size, log.min, log.max], [DEFAULT_COMMIT_LOG_COUNT, Z(1, 6), Z(1, 505)])
  assert.deepEqual(zxidsOf(log.after(Z(1, 503))), [Z(1, 504), Z(1, 505)])
  log.add(txn(Z(1, 505)))
  assert.equal(log.size, DEFAULT_COMMIT_LOG_COUNT, 'a known one is ignored')
  assert.deepEqual([log.accepts(Z(1, 506)), log.accepts(Z(1, 507)), log.accepts(Z(2, 1))], [true, false, true])
  assert.throws(() => log.add(txn(Z(1, 507))), /impossible/)
  log.truncate(Z(1, 503))
  assert.deepEqual([log.min, log.max], [Z(1, 6), Z(1, 503)])
  log.add(txn(Z(2, 1)))
  assert.deepEqual(zxidsOf(log.after(Z(1, 502))), [Z(1, 503), Z(2, 1)])
  log.clear()
  assert.equal(log.size, 0)
})
