import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Op, Perm, unprotectedName, type ZooKeeper } from '../../../dist/index.js'
import { PersistentNode, type Presence } from '../../../dist/recipes/index.js'
import { underCuts } from '../../support/linked-client.ts'
import { ManualTimers } from '../support/manual-timers.ts'
import { World } from '../support/world.ts'

const PATH = '/workers/w1'

async function text(zk: ZooKeeper, path = PATH): Promise<string> {
  await zk.sync(path)
  return (await zk.getData(path)).data.toString()
}

function until(node: PersistentNode, type: Presence['type']): Promise<void> {
  return new Promise((resolve) => {
    if (node.presence.type === type) return resolve()
    const unlisten = node.onChange((presence) => {
      if (presence.type !== type) return
      unlisten()
      resolve()
    })
  })
}

test('it is created with what is above it, and deleted at the end', async (t) => {
  const [{ zk }, other] = await (await World.start(t)).peers(2)
  const node = await PersistentNode.start(zk, PATH, { data: 'ready' })
  assert.equal(node.isPresent, true)
  assert.equal(await text(other.zk), 'ready')
  assert.equal((await other.zk.exists(PATH))?.ephemeralOwner, zk.session?.id)
  await node.close()
  assert.equal(await other.zk.exists(PATH), null)
  await node.close()
})

test('it comes again when someone deletes it, with what is above it', async (t) => {
  const [{ zk }, other] = await (await World.start(t)).peers(2)
  await using node = await PersistentNode.start(zk, PATH, { data: 'ready' })
  for (let round = 0; round < 3; round++) {
    const again = until(node, 'absent').then(() => until(node, 'present'))
    await other.zk.multi([Op.delete(PATH), Op.delete('/workers')])
    await again
    assert.equal(await text(other.zk), 'ready')
  }
})

test('what the last session has left is replaced, though the servers have not given that session up', async (t) => {
  const world = await World.start(t)
  const clock = new ManualTimers()
  const [peer, other] = [await world.peer({ env: { clock }, sessionTimeoutMs: 6000 }), await world.peer()]
  await using node = await PersistentNode.start(peer.zk, PATH, { data: 'ready' })
  const first = peer.zk.session?.id
  const again = until(node, 'absent').then(() => until(node, 'present'))
  // The client's clock runs ahead of the server's: without a connection, its session is over at once.
  clock.aheadMs = 60_000
  await peer.isolate()
  await peer.until('lost')
  peer.reunite()
  await again
  assert.notEqual(peer.zk.session?.id, first)
  assert.equal((await other.zk.exists(PATH))?.ephemeralOwner, peer.zk.session?.id)
})

test('it comes again in the next session', async (t) => {
  const [peer, other] = await (await World.start(t)).peers(2)
  await using node = await PersistentNode.start(peer.zk, PATH, { data: 'ready' })
  const first = peer.zk.session?.id
  await peer.expire()
  await until(node, 'absent').then(() => until(node, 'present'))
  assert.notEqual(peer.zk.session?.id, first)
  assert.equal((await other.zk.exists(PATH))?.ephemeralOwner, peer.zk.session?.id)
})

test('a cut leaves it as it is', async (t) => {
  const [peer, other] = await (await World.start(t)).peers(2)
  await using node = await PersistentNode.start(peer.zk, PATH, { data: 'ready' })
  const told: string[] = []
  node.onChange(({ type }) => told.push(type))
  const { czxid } = (await other.zk.exists(PATH)) ?? {}
  await peer.cut()
  await peer.until('connected')
  await node.setData('busy')
  const stat = await other.zk.exists(PATH)
  assert.equal(stat?.czxid, czxid)
  assert.deepEqual(told, ['present'])
})

test('one that was deleted during a cut comes again', async (t) => {
  const [peer, other] = await (await World.start(t)).peers(2)
  await using node = await PersistentNode.start(peer.zk, PATH)
  await peer.isolate()
  await other.zk.delete(PATH)
  const created = other.zk.waitForCreation(PATH)
  peer.reunite()
  await created
  await until(node, 'present')
})

test('when the reply to its creation is lost, it is there once', async (t) => {
  const [peer, other] = await (await World.start(t)).peers(2)
  await other.zk.ensurePath('/workers')
  const node = new PersistentNode(peer.zk, PATH, { data: 'ready' })
  await peer.loseReplyOf(() => other.zk.waitForCreation(PATH))
  await node.present()
  assert.equal((await other.zk.exists(PATH))?.ephemeralOwner, peer.zk.session?.id)
  await node.close()
  await other.zk.sync('/')
  assert.equal(await other.zk.exists(PATH), null)
})

test('its data can be changed, and are those that it comes again with', async (t) => {
  const [{ zk }, other] = await (await World.start(t)).peers(2)
  await using node = await PersistentNode.start(zk, PATH, { data: 'one' })
  await node.setData('two')
  await other.zk.sync('/')
  assert.equal(await text(other.zk), 'two')
  const again = until(node, 'absent').then(() => until(node, 'present'))
  await other.zk.delete(PATH)
  await again
  assert.equal(await text(other.zk), 'two')
  // The last of several wins, and all are over then.
  await Promise.all(['three', 'four', 'five'].map((data) => node.setData(data)))
  assert.equal(await text(other.zk), 'five')
})

test('another session’s znode is waited for, and not touched', async (t) => {
  const [{ zk }, other] = await (await World.start(t)).peers(2)
  await other.zk.ensurePath('/workers')
  await other.zk.create(PATH, { mode: 'EPHEMERAL', data: 'theirs' })
  const node = new PersistentNode(zk, PATH, { data: 'ours' })
  await until(node, 'occupied')
  assert.deepEqual(node.presence, { type: 'occupied', owner: other.zk.session?.id })
  assert.equal(await text(other.zk), 'theirs')
  await other.zk.delete(PATH)
  await node.present()
  assert.equal(await text(other.zk), 'ours')
  await node.close()
})

test('one that takes over does so at its start only: two do not fight', async (t) => {
  const [{ zk }, other] = await (await World.start(t)).peers(2)
  const first = await PersistentNode.start(zk, PATH, { data: 'first', takeOver: true })
  const second = await PersistentNode.start(other.zk, PATH, { data: 'second', takeOver: true })
  await until(first, 'occupied')
  assert.equal(await text(zk), 'second')
  // What is closed leaves the other's alone.
  await first.close()
  assert.equal(await text(zk), 'second')
  await second.close()
})

test('a sequential one keeps its name', async (t) => {
  const [{ zk }, other] = await (await World.start(t)).peers(2)
  await using node = await PersistentNode.start(zk, '/workers/w-', { mode: 'EPHEMERAL_SEQUENTIAL' })
  const { path } = node
  assert.equal(unprotectedName(path.slice('/workers/'.length)), 'w-0000000000')
  const again = until(node, 'absent').then(() => until(node, 'present'))
  await other.zk.delete(path)
  await again
  assert.equal(node.path, path)
  await other.zk.sync('/')
  assert.deepEqual(await other.zk.getChildren('/workers'), [path.slice('/workers/'.length)])
})

test('one that is not ephemeral takes what is there, and stays if it is to', async (t) => {
  const [{ zk }, other] = await (await World.start(t)).peers(2)
  await other.zk.ensurePath(PATH)
  const node = await PersistentNode.start(zk, PATH, { mode: 'PERSISTENT', data: 'ready', keep: true })
  assert.equal(await text(other.zk), 'ready')
  await node.close()
  assert.equal(await text(other.zk), 'ready')
  await (await PersistentNode.start(zk, PATH, { mode: 'PERSISTENT' })).close()
  await other.zk.sync('/')
  assert.equal(await other.zk.exists(PATH), null)
})

test('what the servers refuse is told, and tried again after a while', async (t) => {
  const world = await World.start(t)
  const clock = new ManualTimers(1000, 2000)
  const [{ zk }, other] = [await world.peer({ env: { clock } }), await world.peer()]
  const closed = [{ perms: Perm.ADMIN, id: { scheme: 'world', id: 'anyone' } }]
  await other.zk.create('/workers', { acl: closed })
  await assert.rejects(PersistentNode.start(zk, PATH), { code: 'NOAUTH' })
  const node = new PersistentNode(zk, PATH)
  await until(node, 'refused')
  const refusedAgain = new Promise<void>((resolve) => void node.onChange(() => resolve()))
  assert.equal(clock.fire(1000), 1)
  await refusedAgain
  await other.zk.setACL('/workers', [{ perms: Perm.ALL, id: { scheme: 'world', id: 'anyone' } }])
  const present = until(node, 'present')
  // Each wait is twice as long as the one before.
  assert.equal(clock.fire(2000), 1)
  await present
  await node.close()
})

test('it can be closed without a connection, and is gone then as soon as there is one', async (t) => {
  const [peer, other] = await (await World.start(t)).peers(2)
  const node = await PersistentNode.start(peer.zk, PATH)
  const gone = other.zk.waitForDeletion(PATH)
  await peer.isolate()
  await node.close()
  peer.reunite()
  await gone
})

test('the wait for it can be given up', async (t) => {
  const [peer, other] = await (await World.start(t)).peers(2)
  await other.zk.ensurePath('/workers')
  await other.zk.create(PATH, { mode: 'EPHEMERAL', data: 'theirs' })
  const end = new AbortController()
  const started = PersistentNode.start(peer.zk, PATH, { signal: end.signal })
  end.abort(new Error('enough'))
  await assert.rejects(started, { message: 'enough' })
  assert.equal(await text(other.zk), 'theirs')
})

test('it ends with its client', async (t) => {
  const { zk } = await (await World.start(t)).peer()
  const node = await PersistentNode.start(zk, PATH)
  const absent = until(node, 'absent')
  await zk.close()
  await absent
  await assert.rejects(node.setData('x'), { code: 'CLOSED' })
  await node.close()
})

test('a client that says goodbye is no refusal', {
  skip: underCuts('the connection is made slower than cuts let it be'),
}, async (t) => {
  const [peer, other] = await (await World.start(t)).peers(2)
  const node = await PersistentNode.start(peer.zk, PATH)
  const told: string[] = []
  node.onChange(({ type }) => told.push(type))
  peer.hold()
  const closed = peer.zk.close()
  await other.zk.delete(PATH)
  peer.reunite()
  await closed
  assert.deepEqual(told, ['absent'])
})
