import assert from 'node:assert/strict'
import { test } from 'node:test'
import { durable } from '../../dist/checkers/durable.js'
import { Story } from './story.js'

test('what is in the log once, where it was said to be, is good', () => {
  const story = new Story()
  const a = story.opens('A')
  story.creates(a, '/x')
  story.creates(a, '/y', { answered: false, txn: null })
  assert.deepEqual(durable.check(story.told()), [])
})

test('an acknowledged write that is lost is found', () => {
  const story = new Story()
  const a = story.opens('A')
  story.creates(a, '/x', { txn: null, zxid: 2 })
  assert.match(durable.check(story.told()).join(), /is not in the log/)
})

test('a write that was done twice is found', () => {
  const story = new Story()
  const a = story.opens('A')
  story.creates(a, '/x')
  story.logs({ ...story.transactions[1], zxid: 3 })
  assert.match(durable.check(story.told()).join(), /is in the log 2 times: 2, 3/)
})

test('a write that stands elsewhere than it was said to is found', () => {
  const story = new Story()
  const a = story.opens('A')
  story.creates(a, '/x', { zxid: 7 })
  assert.match(durable.check(story.told()).join(), /answered with zxid 7, and is at 2/)
})

test('a session that is lost is found', () => {
  const story = new Story()
  story.opens('A')
  assert.match(durable.check(story.told({ transactions: [] })).join(), /session 0x1.* was created 0 times/)
})

test('a hole in the log is found', () => {
  const story = new Story()
  story.opens('A')
  story.zxid++
  story.opens('B')
  assert.match(durable.check(story.told()).join(), /the log has 3 where 2 should be/)
})
