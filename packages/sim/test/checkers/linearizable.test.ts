import assert from 'node:assert/strict'
import { test } from 'node:test'
import { linearizable } from '../../dist/checkers/linearizable.js'
import { newStat, Story } from './story.js'

test('reads and writes that the model has are good', () => {
  const story = new Story()
  const a = story.opens('A')
  story.creates(a, '/x')
  story.asks(a, { kind: 'getData', path: '/x', watch: false }, { err: 0, data: 'x', stat: newStat(2) })
  assert.deepEqual(linearizable.check(story.told()), [])
})

test('a read that shows what nobody wrote is found', () => {
  const story = new Story()
  const a = story.opens('A')
  story.creates(a, '/x')
  story.asks(a, { kind: 'getData', path: '/x', watch: false }, { err: 0, data: 'y', stat: newStat(2) })
  assert.match(linearizable.check(story.told()).join(), /getData.*"data":"y".*the model has.*"data":"x"/)
})

test('a write that succeeds where it must fail is found', () => {
  const story = new Story()
  const a = story.opens('A')
  story.creates(a, '/x')
  story.creates(a, '/x')
  assert.match(linearizable.check(story.told()).join(), /the model has \{"err":-110\}/)
})

test('a read from before a write that had been answered is found', () => {
  const story = new Story()
  const a = story.opens('A')
  const b = story.opens('B')
  story.creates(a, '/x')
  story.asks(b, { kind: 'exists', path: '/x', watch: false }, { err: -101 }, { zxid: 2 })
  assert.match(linearizable.check(story.told()).join(), /has zxid 2, though 3 had been answered/)
})

test('a tree that has lost something at the end is found', () => {
  const story = new Story()
  story.creates(story.opens('A'), '/x')
  assert.match(linearizable.check(story.told({ finalTree: [] })).join(), /there is no \/x/)
})

test('a transaction that no request explains is found', () => {
  const story = new Story()
  story.opens('A')
  story.logs({ type: 1, clientId: 1n, cxid: 9 })
  assert.match(linearizable.check(story.told()).join(), /a request that nobody made/)
})
