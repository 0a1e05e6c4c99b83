import assert from 'node:assert/strict'
import test from 'node:test'
import { nodeClock } from '../../dist/node/clock.js'
import { nodeRandom } from '../../dist/node/random.js'

test('after fires once, unless it was cancelled', async () => {
  const fired: string[] = []
  const cancelled = nodeClock.after(1, () => fired.push('cancelled'))
  await new Promise<void>((resolve) => {
    nodeClock.after(1, () => fired.push('first'))
    nodeClock.after(3, resolve)
    cancelled.cancel()
    cancelled.cancel()
  })
  assert.deepEqual(fired, ['first'])
})

test('every goes on until it is cancelled, from inside if need be', async () => {
  let count = 0
  await new Promise<void>((resolve) => {
    const timer = nodeClock.every(1, () => {
      count++
      if (count < 3) return
      timer.cancel()
      resolve()
    })
  })
  assert.equal(count, 3)
})

test('a time that Node’s timers cannot count does not fire at once', (context) => {
  context.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] })
  const month = 31 * 24 * 3600 * 1000
  let after = 0
  let every = 0
  nodeClock.after(month, () => after++)
  const timer = nodeClock.every(month, () => every++)
  const pass = (ms: number): void => {
    // In steps, since a timer that is set while time passes would count from where the time goes to.
    for (let left = ms; left > 0; left -= 2 ** 30) context.mock.timers.tick(Math.min(left, 2 ** 30))
  }
  pass(month - 1000)
  assert.deepEqual([after, every], [0, 0])
  pass(2000 + 2 ** 31)
  assert.deepEqual([after, every], [1, 1])
  timer.cancel()
  pass(2 * month)
  assert.deepEqual([after, every], [1, 1])
})

test('soon comes after what is already due, and time does not go back', async () => {
  const order: string[] = []
  await new Promise<void>((resolve) => {
    nodeClock.soon(() => {
      order.push('soon')
      resolve()
    })
    queueMicrotask(() => order.push('microtask'))
  })
  assert.deepEqual(order, ['microtask', 'soon'])
  const before = nodeClock.monotonicMs()
  assert.ok(nodeClock.monotonicMs() >= before)
  assert.ok(Number.isInteger(nodeClock.wallMs()))
})

test('random numbers are 32 bits wide and differ, beyond the pool they are drawn from', () => {
  const drawn = Array.from({ length: 5000 }, () => nodeRandom.uint32())
  assert.ok(new Set(drawn).size > 4990)
  assert.ok(drawn.every((value) => Number.isInteger(value) && value >= 0 && value < 2 ** 32))
  assert.ok(drawn.some((value) => value >= 2 ** 31))
})
