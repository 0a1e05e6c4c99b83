import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodeClock } from '@vivarium/env/node'
import { DelayQueue } from '../../dist/recipes/index.js'
import { World } from './support/world.ts'

const PATH = '/queues/d'

test('what is due first goes first, and what is not due stays', async (t) => {
  const { zk } = await (await World.start(t)).peer()
  const queue = new DelayQueue(zk, PATH)
  const nowMs = nodeClock.wallMs()
  await queue.put('in an hour', nowMs + 3_600_000)
  await queue.put('long ago', nowMs - 1000)
  await queue.put('longer ago', nowMs - 2000)
  await queue.put('long ago, too', nowMs - 1000)
  const taken: (string | undefined)[] = []
  for (let i = 0; i < 4; i++) taken.push((await queue.poll())?.toString())
  assert.deepEqual(taken, ['longer ago', 'long ago', 'long ago, too', undefined])
  assert.equal(await queue.size(), 1)
  await assert.rejects(queue.put('x', 0), { code: 'BAD_ARGUMENT' })
})

test('who waits has it when it is due, or what comes meanwhile and is', async (t) => {
  // A clock at which a wait is told to the test, and is over at once.
  let nowMs = 1_000_000
  const waits: number[] = []
  const clock = {
    ...nodeClock,
    wallMs: () => nowMs,
    after(ms: number, fire: () => void) {
      if (ms !== 3_600_000) return nodeClock.after(ms, fire)
      waits.push(ms)
      return nodeClock.after(0, () => {
        nowMs += ms
        fire()
      })
    },
  }
  const { zk } = await (await World.start(t)).peer({ env: { clock } })
  const queue = new DelayQueue(zk, PATH)
  await queue.put('later', nowMs + 3_600_000)
  assert.deepEqual(await zk.getChildren(PATH), [
    'queue-|0045E0C0|0000000000'.replace('0045E0C0', (nowMs + 3_600_000).toString(16).toUpperCase().padStart(8, '0')),
  ])
  assert.equal((await queue.take()).toString(), 'later')
  assert.deepEqual(waits, [3_600_000])
  const waiting = queue.take()
  await queue.put('now', nowMs)
  assert.equal((await waiting).toString(), 'now')
})
