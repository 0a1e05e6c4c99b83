import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SeededRandom } from '../dist/random.js'

const numbers = (random: SeededRandom): number[] => Array.from({ length: 20 }, () => random.uint32())

test('the same seed gives the same numbers, another one others', () => {
  assert.deepEqual(numbers(new SeededRandom(5, 'a')), numbers(new SeededRandom(5, 'a')))
  assert.notDeepEqual(numbers(new SeededRandom(5, 'a')), numbers(new SeededRandom(6, 'a')))
  assert.notDeepEqual(numbers(new SeededRandom(5, 'a')), numbers(new SeededRandom(5, 'b')))
})

test('what a fork draws does not change what others draw', () => {
  const one = new SeededRandom(5)
  const other = new SeededRandom(5)
  numbers(one.fork('x'))
  other.fork('y')
  assert.deepEqual(numbers(one), numbers(other))
})

test('values are spread over the whole range', () => {
  const random = new SeededRandom(1)
  const counts = [0, 0, 0, 0, 0]
  for (let i = 0; i < 10_000; i++) counts[random.int(0, 4)]!++
  for (const count of counts) assert.ok(count > 1800 && count < 2200, `${counts}`)
})
