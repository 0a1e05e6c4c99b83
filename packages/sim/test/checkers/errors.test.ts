import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errors } from '../../dist/checkers/errors.js'
import { newStat, Story } from './story.js'

const set = { kind: 'setData', path: '/x', data: 'z', version: 7 } as const

test('an error that changed nothing is good, and one that did is found', () => {
  const story = new Story()
  const a = story.opens('A')
  story.creates(a, '/x')
  story.asks(a, set, { err: -103 })
  const tree = (mzxid: number) => [{ path: '/x', result: { err: 0, data: 'x', stat: newStat(2, { mzxid }) } }]
  assert.deepEqual(errors.check(story.told({ finalTree: tree(2) })), [])
  assert.match(errors.check(story.told({ finalTree: tree(3) })).join(), /\/x was changed by .* answered with an error/)
})
