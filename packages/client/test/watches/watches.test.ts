import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SetWatches, SetWatches2, Stat } from '@vivarium/protocol'
import { KeeperError, type StreamEvent, type WatchEvent } from '../../dist/index.js'
import { FakeEnsemble, type FakePeer, STAT } from '../fake/fake-ensemble.ts'
import { settle } from '../fake/manual-clock.ts'

const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error)

/** Answers all that a client sends after the greeting with success, and tells what it was. */
async function answerAll(peer: FakePeer): Promise<string[]> {
  const names: string[] = []
  await settle()
  for (let batch = peer.take(); batch.length > 0; batch = peer.take()) {
    for (const request of batch) {
      names.push(request.name)
      if (request.name === 'getData') peer.replyData(request, '')
      else if (request.name === 'exists') peer.reply(request, {}, (writer) => Stat.write(writer, STAT))
      else if (request.name === 'getChildren') peer.reply(request, {}, (writer) => writer.int(0))
      else peer.reply(request, {}, (writer) => writer.int(0))
    }
    await settle()
  }
  return names
}

test('a one-shot watch is told once, and by what touches its kind', async () => {
  const ensemble = new FakeEnsemble()
  const { zk, peer } = await ensemble.connected()
  const data: WatchEvent[] = []
  const child: WatchEvent[] = []
  void zk.getData('/a', { watcher: (event) => data.push(event) })
  void zk.getChildren('/a', { watcher: (event) => child.push(event) })
  await answerAll(peer)
  peer.notify('NodeChildrenChanged', '/a', 5)
  peer.notify('NodeChildrenChanged', '/a', 6)
  await settle()
  assert.deepEqual([data.length, child], [0, [{ type: 'NodeChildrenChanged', path: '/a', zxid: 5 }]])
  peer.notify('NodeDeleted', '/a', 7)
  peer.notify('NodeCreated', '/a', 8)
  await settle()
  assert.deepEqual(data, [{ type: 'NodeDeleted', path: '/a', zxid: 7 }])
  assert.equal(child.length, 1)
})

test('no watch is kept of what was not there, but by exists', async () => {
  const ensemble = new FakeEnsemble()
  const { zk, peer } = await ensemble.connected()
  const told: string[] = []
  const read = outcome(zk.getData('/a', { watcher: () => told.push('getData') }))
  const exists = zk.exists('/a', { watcher: () => told.push('exists') })
  await settle()
  for (const request of peer.take()) peer.reply(request, { error: 'NONODE' })
  assert.ok(KeeperError.is(await read, 'NONODE'))
  assert.equal(await exists, null)
  peer.notify('NodeCreated', '/a')
  await settle()
  assert.deepEqual(told, ['exists'])
})

test('a watcher and an answer come in the order in which the server sent them', async () => {
  const ensemble = new FakeEnsemble()
  const { zk, peer } = await ensemble.connected()
  const order: string[] = []
  void zk.getData('/a', { watcher: () => order.push('event') })
  await answerAll(peer)
  void zk.getData('/b').then(() => order.push('before'))
  void zk.getData('/c').then(() => order.push('after'))
  await settle()
  const [b, c] = peer.take()
  peer.replyData(b as never, '')
  peer.notify('NodeDataChanged', '/a')
  peer.replyData(c as never, '')
  await settle()
  assert.deepEqual(order, ['before', 'event', 'after'])
})

test('on a new connection, watches are set again before anything else is asked', async () => {
  const ensemble = new FakeEnsemble()
  const { zk, peer } = await ensemble.connected()
  const ignore = (): void => {}
  void zk.getData('/data', { watcher: ignore })
  void zk.getChildren('/child', { watcher: ignore })
  await answerAll(peer)
  const absent = zk.exists('/absent', { watcher: ignore })
  await settle()
  peer.reply(peer.expect('exists'), { error: 'NONODE', zxid: 41 })
  await absent
  await addAuth()
  peer.cut()
  const again = await ensemble.reconnection()
  again.greet(1n)
  void zk.getData('/later')
  await settle()
  const [auth, watches, later] = again.take()
  assert.deepEqual(
    [auth?.name, auth?.xid, watches?.name, watches?.xid, later?.name],
    ['auth', -4, 'setWatches', -8, 'getData'],
  )
  assert.deepEqual(SetWatches.read(watches?.body as never), {
    relativeZxid: 41,
    dataWatches: ['/data'],
    existWatches: ['/absent'],
    childWatches: ['/child'],
  })

  async function addAuth(): Promise<void> {
    const added = zk.addAuth('digest', 'u:p')
    await settle()
    peer.reply(peer.expect('auth'), { zxid: 0 })
    await added
  }
})

test('many watches are set again in packets that a server takes', async () => {
  const ensemble = new FakeEnsemble()
  const { zk, peer } = await ensemble.connected()
  const long = 'x'.repeat(2000)
  const paths = Array.from({ length: 300 }, (_, i) => `/${i}/${long}`)
  for (const path of paths) void zk.getData(path, { watcher() {} })
  await answerAll(peer)
  peer.cut()
  const again = await ensemble.reconnection()
  again.greet(1n)
  await settle()
  const packets = again.take()
  assert.ok(packets.length > 4)
  assert.ok(packets.every(({ name, body }) => name === 'setWatches' && body.remaining < 128 * 1024))
  const set = packets.flatMap(({ body }) => SetWatches.read(body).dataWatches ?? [])
  assert.deepEqual(set.sort(), paths.sort())
})

test('a stream tells when it begins, every change, and when it may have missed some', async () => {
  const ensemble = new FakeEnsemble()
  const { zk, peer } = await ensemble.connected()
  const stream = zk.watch('/a', { recursive: true })
  const next = async (): Promise<StreamEvent | undefined> => (await stream.next()).value
  await answerAll(peer)
  assert.deepEqual(await next(), { type: 'resync', reason: 'start' })
  peer.notify('NodeCreated', '/a/b/c', 9)
  peer.notify('NodeChildrenChanged', '/a', 9)
  peer.notify('NodeDataChanged', '/ab', 10)
  peer.notify('NodeDeleted', '/a', 11)
  await settle()
  assert.deepEqual(await next(), { type: 'NodeCreated', path: '/a/b/c', zxid: 9 })
  assert.deepEqual(await next(), { type: 'NodeDeleted', path: '/a', zxid: 11 })

  peer.cut()
  const again = await ensemble.reconnection()
  again.greet(1n)
  await settle()
  const [watches] = again.take()
  assert.equal(watches?.name, 'setWatches2')
  assert.deepEqual(SetWatches2.read(watches?.body as never).persistentRecursiveWatches, ['/a'])
  again.reply(watches as never)
  assert.deepEqual(await next(), { type: 'resync', reason: 'reconnected' })

  again.cut()
  ;(await ensemble.reconnection()).greet(0n, { timeoutMs: 0 })
  const third = await ensemble.reconnection()
  third.greet(2n)
  assert.deepEqual(await answerAll(third), ['setWatches2'])
  assert.deepEqual(await next(), { type: 'resync', reason: 'session' })

  const closing = zk.close()
  await answerAll(third)
  await closing
  assert.deepEqual(await stream.next(), { value: undefined, done: true })
})

test('a stream whose reader is behind forgets, and says so', async () => {
  const ensemble = new FakeEnsemble()
  const { zk, peer } = await ensemble.connected({ streamEvents: 3 })
  const stream = zk.watch('/a')
  await answerAll(peer)
  for (let zxid = 1; zxid <= 4; zxid++) peer.notify('NodeDataChanged', '/a', zxid)
  await settle()
  assert.deepEqual((await stream.next()).value, { type: 'resync', reason: 'overflow' })
  assert.deepEqual((await stream.next()).value, { type: 'NodeDataChanged', path: '/a', zxid: 3 })
})

test('who leaves a stream takes its watch away, unless another wants it', async () => {
  const ensemble = new FakeEnsemble()
  const { zk, peer } = await ensemble.connected()
  const one = zk.watch('/a')
  const other = zk.watch('/a')
  assert.deepEqual(await answerAll(peer), ['addWatch', 'addWatch'])
  for await (const _ of one) break
  assert.deepEqual(await answerAll(peer), [])
  await other.return()
  assert.deepEqual(await answerAll(peer), ['removeWatches'])
})

test('a stream ends with the reason of its signal', async () => {
  const ensemble = new FakeEnsemble()
  const { zk, peer } = await ensemble.connected()
  const controller = new AbortController()
  const stream = zk.watch('/a', { signal: controller.signal })
  await answerAll(peer)
  await stream.next()
  const waiting = outcome(stream.next())
  controller.abort(new Error('enough'))
  assert.equal(((await waiting) as Error).message, 'enough')
  assert.deepEqual(await stream.next(), { value: undefined, done: true })
  assert.deepEqual(await answerAll(peer), ['removeWatches'])
})

test('removeWatches tells those whose watches it takes', async () => {
  const ensemble = new FakeEnsemble()
  const { zk, peer } = await ensemble.connected()
  const told: WatchEvent[] = []
  void zk.getData('/a', { watcher: (event) => told.push(event) })
  const watch = zk.addWatch('/a', (event) => told.push(event))
  await answerAll(peer)
  await watch
  const removed = zk.removeWatches('/a')
  await answerAll(peer)
  await removed
  await settle()
  assert.deepEqual(told, [
    { type: 'WatchLost', path: '/a', reason: 'removed' },
    { type: 'WatchLost', path: '/a', reason: 'removed' },
  ])
})

test('waiting for a deletion leaves no watch where there is nothing', async () => {
  const ensemble = new FakeEnsemble()
  const { zk, peer } = await ensemble.connected()
  const gone = zk.waitForDeletion('/gone')
  await settle()
  peer.reply(peer.expect('getData'), { error: 'NONODE' })
  await gone
  const there = zk.waitForDeletion('/there')
  assert.deepEqual(await answerAll(peer), ['getData'])
  peer.notify('NodeDataChanged', '/there')
  assert.deepEqual(await answerAll(peer), ['getData'])
  peer.notify('NodeDeleted', '/there')
  await settle()
  peer.reply(peer.expect('getData'), { error: 'NONODE' })
  await there
  const controller = new AbortController()
  const given = outcome(zk.waitForDeletion('/there', { signal: controller.signal }))
  await answerAll(peer)
  controller.abort(new Error('tired'))
  assert.equal(((await given) as Error).message, 'tired')
  peer.cut()
  ;(await ensemble.reconnection()).greet(1n)
  await settle()
  assert.deepEqual(ensemble.peer.takeNames(), [])
})

test('waiting ends with the session', async () => {
  const ensemble = new FakeEnsemble()
  const { zk, peer } = await ensemble.connected()
  const waiting = outcome(zk.waitForCreation('/a'))
  await settle()
  peer.reply(peer.expect('exists'), { error: 'NONODE' })
  await settle()
  peer.cut()
  ;(await ensemble.reconnection()).greet(0n, { timeoutMs: 0 })
  assert.ok(KeeperError.is(await waiting, 'SESSIONEXPIRED'))
})

test('with a chroot, events have the paths of the client', async () => {
  const ensemble = new FakeEnsemble()
  const zk = ensemble.client('zk1/app')
  await ensemble.clock.advance(0)
  ensemble.peer.greet(1n)
  const told: string[] = []
  void zk.getData('/', { watcher: ({ path }) => told.push(path) })
  void zk.getConfig({ watcher: ({ path }) => told.push(path) })
  await settle()
  for (const request of ensemble.peer.take()) ensemble.peer.replyData(request, '')
  ensemble.peer.notify('NodeDataChanged', '/app')
  ensemble.peer.notify('NodeDataChanged', '/zookeeper/config')
  await settle()
  assert.deepEqual(told, ['/', '/zookeeper/config'])
})
