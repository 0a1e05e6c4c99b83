import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  DelayQueue,
  LeaderElection,
  LeaderLatch,
  Mutex,
  PriorityQueue,
  Queue,
  ReadWriteLock,
  Semaphore,
  SequenceGenerator,
  ServiceDiscovery,
  WorkQueue,
} from '../../dist/recipes/index.js'
import { World } from './support/world.ts'

test('who only looks can give up, too', async (t) => {
  const peer = await (await World.start(t)).peer()
  const { zk } = peer
  const sequence = new SequenceGenerator(zk, '/sequence')
  const first = await sequence.next()
  await peer.isolate()
  const controller = new AbortController()
  const call = { signal: controller.signal }
  const discovery = new ServiceDiscovery(zk, '/services')
  const looks = [
    new Queue(zk, '/queue').size(call),
    new Queue(zk, '/queue').peek(call),
    new PriorityQueue(zk, '/priority').size(call),
    new DelayQueue(zk, '/delay').size(call),
    new WorkQueue(zk, '/work').size(call),
    new Mutex(zk, '/mutex').contenders(call),
    new ReadWriteLock(zk, '/lock').contenders(call),
    new Semaphore(zk, '/semaphore', { leases: 1 }).holders(call),
    new LeaderLatch(zk, '/latch').participants(call),
    new LeaderElection(zk, '/election').candidates(call),
    discovery.names(call),
    discovery.instances('a', call),
    discovery.instance('a', 'b', call),
    sequence.next(call),
  ]
  const given = looks.map((look) => assert.rejects(look, { name: 'AbortError' }))
  controller.abort()
  await Promise.all(given)
  peer.reunite()
  assert.ok((await sequence.next()) > first)
})
