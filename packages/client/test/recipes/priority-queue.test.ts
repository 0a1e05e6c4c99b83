import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PriorityQueue } from '../../dist/recipes/index.js'
import { World } from './support/world.ts'

const PATH = '/queues/p'

test('the least first, and in the order of coming among equals', async (t) => {
  const { zk } = await (await World.start(t)).peer()
  const queue = new PriorityQueue(zk, PATH)
  const priorities = [7, -1, 0, 2 ** 31 - 1, -(2 ** 31), 7, -2]
  for (const [at, priority] of priorities.entries()) await queue.put(`${priority} ${at}`, priority)
  assert.equal(await queue.size(), 7)
  const taken: string[] = []
  for (let i = 0; i < 7; i++) taken.push((await queue.take()).toString())
  assert.deepEqual(taken, ['-2147483648 4', '-2 6', '-1 1', '0 2', '7 0', '7 5', '2147483647 3'])
  assert.equal(await queue.poll(), null)
  await assert.rejects(queue.put('x', 2 ** 31), { code: 'BAD_ARGUMENT' })
})

test('its messages are those of Curator, of which one can have several items', async (t) => {
  const { zk } = await (await World.start(t)).peer()
  const queue = new PriorityQueue(zk, PATH)
  await queue.put('hi', 1)
  assert.deepEqual(await zk.getChildren(PATH), ['queue-1000000010000000000'])
  const { data } = await zk.getData(`${PATH}/queue-1000000010000000000`)
  assert.equal(data.toString('hex'), '000100010100000002686902')
  const several = Buffer.from('0001000101000000016101000000000100000001620200', 'hex')
  await zk.create(`${PATH}/queue-1000000020000000009`, { data: several })
  const taken: string[] = []
  for (let i = 0; i < 4; i++) taken.push((await queue.take()).toString())
  assert.deepEqual(taken, ['hi', 'a', '', 'b'])
})

test('what is no message is said to be none', async (t) => {
  const { zk } = await (await World.start(t)).peer()
  const queue = new PriorityQueue(zk, PATH)
  await zk.ensurePath(PATH)
  for (const hex of ['', '00010002', '0001000101', '00010001017fffffff61', '0001000101ffffffff', '0001000103']) {
    await zk.create(`${PATH}/queue-1000000010000000000`, { data: Buffer.from(hex, 'hex') })
    await assert.rejects(queue.poll(), TypeError)
  }
})

test('in the layout of kazoo', async (t) => {
  const { zk } = await (await World.start(t)).peer()
  const queue = new PriorityQueue(zk, PATH, { layout: 'kazoo' })
  await queue.put('later', 100)
  await queue.put('now', 5)
  assert.deepEqual((await zk.getChildren(PATH)).toSorted(), ['entry-005-0000000001', 'entry-100-0000000000'])
  assert.equal((await queue.poll())?.toString(), 'now')
  assert.equal((await queue.take()).toString(), 'later')
  for (const priority of [-1, 1000, 0.5]) await assert.rejects(queue.put('x', priority), { code: 'BAD_ARGUMENT' })
})
