import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeZxid, OpCode, type Txn } from '@vivarium/protocol'
import type { Checker } from '../../../dist/checkers/violation.js'
import { ZAB_CHECKERS } from '../../../dist/checkers/zab/index.js'
import * as orders from '../../../dist/checkers/zab/orders.js'
import * as primaries from '../../../dist/checkers/zab/primaries.js'
import type { History } from '../../../dist/workloads/history.js'
import type { LogCopy } from '../../../dist/world/log-archive.js'
import { signatureOf, type ZabEvent } from '../../../dist/world/zab-trace.js'
import { Story } from '../story.js'

/** A transaction, as epoch and counter; another one of the same zxid has another cxid. */
function txn(epoch: number, counter: number, cxid = counter): Txn {
  const zxid = makeZxid(epoch, counter)
  return { clientId: 1n, cxid, zxid, time: 5, type: OpCode.error, record: { err: -101 }, digest: null }
}

const [a, b, c] = [txn(1, 1), txn(1, 2), txn(2, 1)]

const leads = (server: number, epoch: number, last = 0): ZabEvent => ({
  kind: 'leads',
  ms: 5,
  server,
  epoch,
  zxid: last,
  accepted: epoch,
})
const follows = (server: number, epoch: number, last = 0): ZabEvent =>
  ({ ...leads(server, epoch, last), kind: 'follows' }) as ZabEvent
const broadcasts = (server: number, { zxid, ...rest }: Txn): ZabEvent => ({
  kind: 'broadcasts',
  ms: 5,
  server,
  zxid,
  txn: signatureOf({ zxid, ...rest } as Txn),
})
const delivers = (server: number, one: Txn): ZabEvent => ({ ...broadcasts(server, one), kind: 'delivers' }) as ZabEvent

const copy = (server: number, txns: readonly Txn[], epoch: number | null = null): LogCopy => ({
  server,
  ms: 5,
  epoch,
  txns,
  snapshots: [0],
  damagedAfter: new Set(),
})

function told(zab: ZabEvent[], changes: Partial<History> = {}): History {
  return new Story().told({ ensemble: true, transactions: [a, b, c], zab, ...changes })
}

function check(checker: Checker, zab: ZabEvent[], changes: Partial<History> = {}): string {
  return checker.check(told(zab, changes)).join()
}

/** Two epochs as they should be. */
const GOOD: ZabEvent[] = [
  leads(1, 1),
  follows(2, 1),
  broadcasts(1, a),
  broadcasts(1, b),
  delivers(1, a),
  delivers(2, a),
  delivers(1, b),
  leads(2, 2, b.zxid),
  follows(1, 2, b.zxid),
  broadcasts(2, c),
  delivers(2, c),
  follows(3, 2, makeZxid(2, 0)),
  delivers(3, c),
]

test('what Zab promises is kept where all is well', () => {
  const history = told(GOOD, { logs: [copy(1, [a, b]), copy(2, [a, b], 2), copy(3, [a, b, c])] })
  assert.deepEqual(
    ZAB_CHECKERS.flatMap((checker) => checker.check(history)),
    [],
  )
})

test('leadership: two primaries of an epoch', () => {
  assert.match(check(primaries.leadership, [leads(1, 1), leads(2, 1)]), /2 leads epoch 1, which 1 has led/)
})

test('integrity: something that nobody broadcast, that was broadcast later, or that is not committed', () => {
  assert.match(check(primaries.integrity, [follows(1, 1), delivers(1, a)]), /which nobody broadcast/)
  assert.match(check(primaries.integrity, [delivers(2, a), broadcasts(1, a)]), /which nobody broadcast/)
  assert.match(check(primaries.integrity, [broadcasts(1, a), delivers(2, txn(1, 1, 9))]), /which nobody broadcast/)
  assert.match(check(primaries.integrity, [follows(2, 2, makeZxid(1, 7))]), /begins epoch 2 with .*not committed/)
})

test('agreement: two servers, each of which has what the other has not', () => {
  const zab = [follows(1, 1), delivers(1, a), follows(2, 1), delivers(2, b)]
  assert.match(check(orders.agreement, zab), /1 delivers 0x100000001 and not 0x100000002, 2 the other way round/)
})

test('prefix consistency: two servers that go on in two ways', () => {
  const zab = [follows(1, 1), delivers(1, a), delivers(1, b), follows(2, 2, a.zxid), delivers(2, c)]
  assert.match(check(orders.prefixConsistency, zab), /after 0x100000001 2 delivers 0x200000001, and 1 another/)
})

test('total order: two servers that deliver the same in two orders', () => {
  const zab = [follows(1, 1), delivers(1, a), delivers(1, b), follows(2, 1), delivers(2, b), delivers(2, a)]
  assert.match(check(orders.totalOrder, zab), /1 delivers 0x100000001 before 0x100000002, and 2 does not/)
})

test('local primary order: something is left out of what a primary broadcast', () => {
  const zab = [broadcasts(1, a), broadcasts(1, b), follows(2, 1), delivers(2, b)]
  assert.match(check(orders.localPrimaryOrder, zab), /1 in epoch 1 broadcasts 0x100000001 before 0x100000002, and 2/)
})

test('global primary order: an earlier epoch after a later one', () => {
  assert.match(
    check(orders.globalPrimaryOrder, [follows(1, 2), delivers(1, c), delivers(1, b)]),
    /1 delivers 0x100000002/,
  )
  assert.match(check(orders.globalPrimaryOrder, [follows(1, 2, c.zxid), delivers(1, b)]), /after 0x200000001/)
})

test('primary integrity: a primary that lacks what others have delivered, or will', () => {
  const zab = [leads(2, 2, a.zxid), delivers(1, b)]
  assert.match(check(primaries.primaryIntegrity, zab), /2 leads epoch 2 without 0x100000002, which 1 delivers/)
})

test('commit completeness: a primary whose log has something else than was delivered', () => {
  const zab = [delivers(1, a), delivers(1, b)]
  const logs = (...txns: Txn[]) => ({ logs: [copy(2, txns, 2)] })
  assert.equal(check(primaries.commitCompleteness, zab, logs(b)), '')
  assert.match(check(primaries.commitCompleteness, zab, logs(a)), /2 leads epoch 2 and has another 0x100000002 than 1/)
  assert.match(check(primaries.commitCompleteness, zab, logs(a, txn(1, 2, 9))), /has another 0x100000002/)
})

test('acceptance: a server that may still follow a leader of an earlier epoch', () => {
  const begins = { ...follows(2, 2), accepted: 1 } as ZabEvent
  assert.match(check(primaries.acceptance, [begins]), /2 follows in epoch 2, and has written down that it accepts 1/)
  const later = { ...leads(2, 2), accepted: 3 } as ZabEvent
  assert.equal(check(primaries.acceptance, [later]), '')
})

test('history consistency: logs that have come to the same transaction from two', () => {
  const logs = [copy(1, [a, b, c]), copy(2, [a, c])]
  assert.match(
    check(primaries.historyConsistency, [], { logs }),
    /before 0x200000001 there is 0x100000001 in the log of 2/,
  )
  const damaged = { ...copy(2, [a, c]), damagedAfter: new Set([a.zxid]) }
  assert.equal(check(primaries.historyConsistency, [], { logs: [copy(1, [a, b, c]), damaged] }), '')
})
