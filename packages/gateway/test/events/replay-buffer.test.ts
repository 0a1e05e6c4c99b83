import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ReplayBuffer, type Told } from '../../dist/events/replay-buffer.js'

const told = (number: number): Told => ({ number, text: Buffer.alloc(10) })
const numbers = (all: readonly Told[] | null): number[] | null => all?.map(({ number }) => number) ?? null

test('what came after a number is there, as long as it is kept', () => {
  const buffer = new ReplayBuffer(30, 4)
  for (const number of [5, 8, 9, 12]) buffer.add(told(number))
  assert.deepEqual(numbers(buffer.after(12)), [])
  assert.deepEqual(numbers(buffer.after(8)), [9, 12])
  assert.deepEqual(numbers(buffer.after(5)), [8, 9, 12])
  assert.equal(buffer.after(4), null)
})

test('before anything was told there is nothing to be heard, but for those who were there before', () => {
  const buffer = new ReplayBuffer(30, 4)
  assert.deepEqual(buffer.after(4), [])
  assert.equal(buffer.after(3), null)
})

test('what is longer than all that is kept is not kept', () => {
  const buffer = new ReplayBuffer(5, 0)
  for (let number = 1; number <= 1000; number++) buffer.add(told(number))
  assert.deepEqual(numbers(buffer.after(1000)), [])
  assert.equal(buffer.after(999), null)
})
