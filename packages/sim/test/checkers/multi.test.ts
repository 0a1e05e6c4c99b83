import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type CreateTxn, OPEN_ACL_UNSAFE, OpCode } from '@vivarium/protocol'
import { multi } from '../../dist/checkers/multi.js'
import type { FinalZnode } from '../../dist/workloads/history.js'
import type { Request, Result } from '../../dist/workloads/requests.js'
import { newStat, Story } from './story.js'

const both: Request = {
  kind: 'multi',
  operations: [
    { kind: 'create', path: '/x', data: 'x', acl: OPEN_ACL_UNSAFE, flags: 0 },
    { kind: 'create', path: '/y', data: 'x', acl: OPEN_ACL_UNSAFE, flags: 0 },
  ],
}
const created = (path: string): { type: 1; record: CreateTxn } => ({
  type: OpCode.create,
  record: { path, data: null, acl: OPEN_ACL_UNSAFE, ephemeral: false, parentCVersion: 1 },
})
const record = { txns: [created('/x'), created('/y')] }
const good: Result = {
  err: 0,
  results: [
    { err: 0, path: '/x' },
    { err: 0, path: '/y' },
  ],
}
const made = (path: string): FinalZnode => ({ path, result: { err: 0, data: 'x', stat: newStat(2) } })

function afterMulti(result: Result, finalTree: FinalZnode[]): string {
  const story = new Story()
  story.asks(story.opens('A'), both, result, { txn: { record } })
  return multi.check(story.told({ finalTree })).join()
}

test('a multi that is there as a whole is good', () => {
  assert.equal(afterMulti(good, [made('/x'), made('/y')]), '')
})

test('half a multi is found', () => {
  assert.match(afterMulti(good, [made('/x')]), /the multi at 2 set \/y last, which is nothing at the end/)
})

test('an answer for a part is found', () => {
  const part: Result = { err: 0, results: [{ err: 0, path: '/x' }, { err: -110 }] }
  assert.match(afterMulti(part, [made('/x'), made('/y')]), /was answered in part/)
})

test('an answer that says the opposite of the log is found', () => {
  const failed: Result = { err: 0, results: [{ err: -110 }, { err: -2 }] }
  assert.match(afterMulti(failed, [made('/x'), made('/y')]), /the log has another outcome/)
})
