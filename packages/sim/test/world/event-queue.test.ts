import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { EventQueue } from '../../dist/world/event-queue.js'

test('events come in the order of their time, and of scheduling where that is equal', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 })), (times) => {
      const queue = new EventQueue()
      const seen: [number, number][] = []
      times.forEach((ms, index) => void queue.at(ms, () => seen.push([ms, index])))
      for (let fire = queue.next(100); fire !== null; fire = queue.next(100)) fire()
      const expected = times.map((ms, index): [number, number] => [ms, index]).sort(([a, i], [b, j]) => a - b || i - j)
      assert.deepEqual(seen, expected)
    }),
  )
})

test('what is cancelled, and what is beyond the horizon, does not come', () => {
  const queue = new EventQueue()
  queue.at(1, () => {}).fire = null
  queue.at(50, () => {})
  assert.equal(queue.next(49), null)
  assert.equal(queue.nowMs, 0)
  assert.notEqual(queue.next(50), null)
  assert.equal(queue.nowMs, 50)
})
