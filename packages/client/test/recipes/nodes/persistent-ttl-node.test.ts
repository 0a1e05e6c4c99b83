import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ZooKeeper } from '../../../dist/index.js'
import { PersistentTtlNode } from '../../../dist/recipes/index.js'
import { ManualTimers } from '../support/manual-timers.ts'
import { clientOf } from '../support/server-with.ts'

const TTL_MS = 60_000

/** Resolves with the stat of a znode at its next change. */
async function nextChange(zk: ZooKeeper, path: string): Promise<number | undefined> {
  await new Promise((resolve, reject) => zk.exists(path, { watcher: resolve }).catch(reject))
  return (await zk.exists(path))?.version
}

test('it is kept by touching a child, and left at the end', async (t) => {
  const clock = new ManualTimers(TTL_MS / 2)
  const zk = await clientOf(t, {}, { env: { clock } })
  const node = await PersistentTtlNode.start(zk, '/jobs/j1', { ttlMs: TTL_MS, data: 'running' })
  assert.equal((await zk.getData('/jobs/j1')).data.toString(), 'running')
  assert.equal((await zk.exists('/jobs/j1/touch'))?.version, 0)
  const touched = nextChange(zk, '/jobs/j1/touch')
  assert.equal(clock.fire(TTL_MS / 2), 1)
  assert.equal(await touched, 1)
  await node.setData('done')
  await node.close()
  assert.equal(clock.fire(TTL_MS / 2), 0)
  assert.equal((await zk.getData('/jobs/j1')).data.toString(), 'done')
})

test('what was deleted comes again, and is touched', async (t) => {
  const zk = await clientOf(t, {})
  await using node = await PersistentTtlNode.start(zk, '/jobs/j1', { ttlMs: TTL_MS, child: 'alive' })
  await zk.delete('/jobs/j1/alive')
  await node.touch()
  assert.notEqual(await zk.exists('/jobs/j1/alive'), null)
  await zk.delete('/jobs/j1/alive')
  const present = new Promise<void>((resolve) => {
    node.node.onChange(({ type }) => type === 'present' && resolve())
  })
  await zk.delete('/jobs/j1')
  await present
  await node.touch()
  assert.notEqual(await zk.exists('/jobs/j1/alive'), null)
})

test('nobody keeps it any more: it is gone after its TTL', async (t) => {
  const zk = await clientOf(t, { 'znode.container.checkIntervalMs': '20' })
  const node = await PersistentTtlNode.start(zk, '/jobs/j1', { ttlMs: 50 })
  await node.close()
  await zk.waitForDeletion('/jobs/j1')
})

test('a server without TTL refuses it', async (t) => {
  const zk = await clientOf(t, { extendedTypesEnabled: 'false' })
  await assert.rejects(PersistentTtlNode.start(zk, '/jobs/j1', { ttlMs: TTL_MS }), { code: 'UNIMPLEMENTED' })
})
