import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OpCode, type Txn } from '@vivarium/protocol'
import { sessionOrder } from '../../dist/checkers/session-order.js'
import { Story } from './story.js'

const look = { kind: 'exists', path: '/none', watch: false } as const
const nothing = { err: -101 }

test('zxids that rise, on several connections, are good', () => {
  const story = new Story()
  const a = story.opens('A')
  story.creates(a, '/x')
  story.reconnects(a)
  story.asks(a, look, nothing)
  assert.deepEqual(sessionOrder.check(story.told()), [])
})

test('a zxid that goes back on the next connection is found', () => {
  const story = new Story()
  const a = story.opens('A')
  story.creates(a, '/x')
  story.reconnects(a)
  story.asks(a, look, nothing, { zxid: 1 })
  assert.match(sessionOrder.check(story.told()).join(), /saw zxid 1 after 2/)
})

test('a read that does not see the write before it is found', () => {
  const story = new Story()
  const a = story.opens('A')
  story.logs({})
  story.creates(a, '/x')
  story.asks(a, look, nothing, { zxid: 2 })
  a.connection.messages.length = 0
  assert.match(sessionOrder.check(story.told()).join(), /before its own write 1 of 3/)
})

test('answers that change places are found', () => {
  const story = new Story()
  const a = story.opens('A')
  story.asks(a, look, nothing)
  story.asks(a, look, nothing)
  a.connection.messages.reverse()
  assert.match(sessionOrder.check(story.told()).join(), /was answered 1 late/)
})

test('writes that are done in another order than they were sent in are found', () => {
  const check = (...cxids: number[]): string => checkAll(...cxids.map((cxid) => ({ type: OpCode.create, cxid })))
  const checkAll = (...txns: Partial<Txn>[]): string => {
    const story = new Story()
    story.opens('A')
    for (const txn of txns) story.logs({ clientId: 1n, ...txn } as Partial<Txn>)
    return sessionOrder.check(story.told()).join()
  }
  assert.equal(check(1, 2, 5), '')
  assert.match(check(1, 3, 2), /request 2 is at 4, behind its request 3/)
  const last = { type: OpCode.closeSession, cxid: 3 } as const
  const late = {
    type: OpCode.multi,
    cxid: 2,
    record: { txns: [{ type: OpCode.error, record: { err: -112 } }] },
  } as const
  assert.equal(checkAll(last, late), '', 'what was refused has changed nothing')
  assert.match(checkAll(last, { ...late, record: { txns: [] } }), /request 2 is at 3/)
})
