import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeZxid, OpCode, type Txn } from '@vivarium/protocol'
import { oneHistory } from '../../dist/checkers/one-history.js'
import { oneLeader } from '../../dist/checkers/one-leader.js'
import { committedHistory } from '../../dist/run/committed-history.js'
import type { History } from '../../dist/workloads/history.js'
import type { LogCopy } from '../../dist/world/log-archive.js'
import { Story } from './story.js'

function txn(epoch: number, counter: number): Txn {
  const zxid = makeZxid(epoch, counter)
  return { clientId: 1n, cxid: counter, zxid, time: 5, type: OpCode.error, record: { err: -101 }, digest: null }
}

const [a, b, c] = [txn(1, 1), txn(1, 2), txn(2, 1)]

function log(server: number, txns: readonly Txn[], changes: Partial<LogCopy> = {}): LogCopy {
  return { server, ms: 5, epoch: null, txns, snapshots: [0], damagedAfter: new Set(), ...changes }
}

function check(changes: Partial<History>): string {
  return oneHistory.check(new Story().told({ ensemble: true, transactions: [a, b, c], ...changes })).join()
}

test('logs that have the beginning of one history are good', () => {
  assert.equal(check({ logs: [log(1, [a, b]), log(2, [a]), log(1, [a, b], { epoch: 2 })] }), '')
})

test('a zxid that stands for two transactions is found', () => {
  assert.match(check({ logs: [log(1, [a, b]), log(2, [a, txn(1, 2)])] }), /0x100000002 stands for two transactions/)
})

test('a leader that lacks something that was committed is found, one that has it in a snapshot is good', () => {
  assert.match(check({ logs: [log(3, [a], { epoch: 2 })] }), /server 3 leads epoch 2 .* without 0x100000002/)
  assert.equal(check({ logs: [log(3, [b], { epoch: 2, snapshots: [a.zxid] })] }), '')
})

test('what is left of a log that a snapshot has replaced is not what a server has', () => {
  assert.equal(check({ logs: [log(3, [a], { epoch: 2, snapshots: [0, b.zxid] })] }), '')
  const beyond = log(3, [a], { epoch: 3, snapshots: [0, b.zxid] })
  assert.match(check({ logs: [beyond] }), /server 3 leads epoch 3 .* without 0x200000001/)
})

test('what was applied and is in no log is found', () => {
  const applied = [{ server: 1, zxid: makeZxid(1, 3), digest: '' }]
  assert.match(check({ applied }), /server 1 has applied 0x100000003, which is in no log/)
})

test('trees that differ after the same transaction are found', () => {
  const applied = (digest: string) =>
    [1, 2].map((server) => ({ server, zxid: a.zxid, digest: server === 1 ? '1' : digest }))
  assert.equal(check({ applied: applied('1') }), '')
  assert.match(check({ applied: applied('2') }), /server 2 has another tree than server 1/)
})

test('members that differ at the end are found', () => {
  const replica = (server: number, txns: readonly Txn[], path: string, digest = '1') => ({
    server,
    log: log(server, txns),
    tree: [{ path, result: { err: 0 } }],
    digest,
  })
  const good = replica(1, [a, b, c], '/x')
  assert.equal(check({ replicas: [good, replica(2, [a, b, c], '/x')] }), '')
  assert.match(check({ replicas: [good, replica(2, [a, b], '/x')] }), /server 2 lacks 0x200000001/)
  assert.match(check({ replicas: [good, replica(2, [a, b, c], '/y')] }), /server 2 has \/y/)
  assert.match(check({ replicas: [good, replica(2, [a, b, c], '/x', '2')] }), /server 2 has another digest/)
})

test('an epoch that two servers lead, or one twice, is found', () => {
  const led = (...servers: number[]): string => {
    const incidents = servers.map((server) => ({ ms: 5, kind: 'serving' as const, server, text: '', epoch: 7 }))
    return oneLeader.check(new Story().told({ ensemble: true, incidents })).join()
  }
  assert.equal(led(1), '')
  assert.match(led(1, 2), /server 2 leads epoch 7, which server 1 has led/)
  assert.match(led(1, 1), /server 1 leads epoch 7, which server 1 has led/)
})

test('committed is what a leader begins with, what was applied, and what all have at the end; the rest of a log is not', () => {
  const refused = txn(1, 3)
  const led = log(1, [a, b], { epoch: 2 })
  assert.deepEqual(committedHistory([log(2, [a, b, refused]), led], [], [log(1, [a, b, c])]), [a, b, c])
  const applied = [{ server: 2, zxid: refused.zxid, digest: '' }]
  assert.deepEqual(committedHistory([log(2, [a, b, refused])], applied, []), [refused])
})

test('what stands before a hole in a log does not count as committed', () => {
  const late = log(1, [a, txn(1, 9)], { epoch: 2 })
  assert.deepEqual(
    committedHistory([late], [], []).map(({ zxid }) => zxid),
    [makeZxid(1, 9)],
  )
  const d = txn(3, 1)
  const behindSnapshot = log(1, [a, d], { epoch: 3, snapshots: [makeZxid(2, 1)] })
  assert.deepEqual(committedHistory([behindSnapshot], [], []), [d])
})

test('what stands in a log that a snapshot has replaced may never have been committed', () => {
  const [refused, d] = [txn(2, 2), txn(3, 1)]
  const leader = log(2, [a, refused], { epoch: 4, snapshots: [d.zxid] })
  assert.deepEqual(committedHistory([log(1, [a, b, d]), leader], [], []), [d])
})

test('what a leader has in its snapshot is committed, though only others have had it in their logs', () => {
  const [others, leader] = [log(1, [a, b]), log(2, [], { epoch: 2, snapshots: [b.zxid] })]
  assert.deepEqual(committedHistory([others, leader], [], []), [a, b])
  assert.deepEqual(committedHistory([others, log(2, [], { epoch: 2, snapshots: [a.zxid] })], [], []), [a])
})
