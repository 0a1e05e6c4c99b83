import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inSequence, predecessor, sequenceOf } from '../../dist/recipes/support/sequence.js'

test('the number is what comes after the last marker', () => {
  assert.equal(sequenceOf('_c_6f9619ff-8b86-4d11-b42d-00c04fc964ff-lock-0000000017', ['lock-']), 17)
  assert.equal(sequenceOf('lock-lock-0000000001', ['lock-']), 1)
  assert.equal(sequenceOf('lock--2147483648', ['lock-']), -(2 ** 31))
  assert.equal(sequenceOf('lock--000000001', ['lock-']), -1)
  assert.equal(sequenceOf('x__rlock__0000000002', ['__lock__']), null)
  assert.equal(sequenceOf('x__rlock__0000000002', ['__lock__', '__rlock__']), 2)
  for (const name of ['lock-', 'lock-1', 'lock-00000000001', 'lock-000000000x', '0000000001']) {
    assert.equal(sequenceOf(name, ['lock-']), null, name)
  }
})

test('the one before us is the last with a smaller number, whatever comes before the marker', () => {
  const names = ['z-lock-0000000003', 'a-lock-0000000009', 'm-lock-0000000005', 'a-other-0000000006']
  assert.deepEqual(inSequence(names, ['lock-']), ['z-lock-0000000003', 'm-lock-0000000005', 'a-lock-0000000009'])
  assert.equal(predecessor(names, 9, ['lock-']), 'm-lock-0000000005')
  assert.equal(predecessor(names, 9, ['lock-', 'other-']), 'a-other-0000000006')
  assert.equal(predecessor(names, 3, ['lock-']), null)
})

test('numbers that have gone below zero come after those that have not', () => {
  const names = ['a-lock--2147483648', 'b-lock-2147483647']
  assert.deepEqual(inSequence(names, ['lock-']), ['b-lock-2147483647', 'a-lock--2147483648'])
  assert.equal(predecessor(names, -(2 ** 31), ['lock-']), 'b-lock-2147483647')
})
