import assert from 'node:assert/strict'
import { test } from 'node:test'
import { World } from '../../dist/world/world.js'

test('what an event has settled has run before the next event is taken', async () => {
  const world = new World(1)
  const happened: string[] = []
  // More than are taken in one turn of Node's event loop.
  for (let index = 0; index < 1000; index++) {
    world.queue.at(index, async () => {
      happened.push(`event ${index}`)
      for (let step = 0; step < 5; step++) await null
      happened.push(`settled ${index}`)
    })
  }
  assert.equal(await world.run(() => false, 2000), false)
  const expected = Array.from({ length: 1000 }, (_, index) => [`event ${index}`, `settled ${index}`]).flat()
  assert.deepEqual(happened, expected)
  assert.equal(world.events, 1000)
})

test('a run ends with the event that it waits for', async () => {
  const world = new World(1)
  let last = 0
  for (let ms = 1; ms <= 10; ms++) {
    world.queue.at(ms, () => {
      last = ms
    })
  }
  assert.equal(await world.run(() => last === 4, 10), true)
  assert.deepEqual([last, world.nowMs, world.events], [4, 4, 4])
  assert.equal(await world.run(() => false, 6), false)
  assert.deepEqual([last, world.events], [6, 6])
})

test('a rejection that nobody handles is known before the next event', async () => {
  const world = new World(1)
  const known: number[] = []
  world.queue.at(1, () => void Promise.reject(new Error('nobody cares')))
  world.queue.at(2, () => void known.push(world.crashes.length))
  // The test runner takes such rejections for failures of the test.
  const runner = process.listeners('unhandledRejection')
  process.removeAllListeners('unhandledRejection')
  try {
    await world.run(() => false, 10)
  } finally {
    for (const listener of runner) process.on('unhandledRejection', listener)
  }
  assert.deepEqual(known, [1])
})

test('an error of the simulation itself ends the run', async () => {
  const world = new World(1)
  world.queue.at(1, () => {
    throw new Error('a fault without a plan')
  })
  await assert.rejects(
    world.run(() => false, 10),
    /a fault without a plan/,
  )
})
