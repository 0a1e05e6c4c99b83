import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { MessageChannel, Worker } from 'node:worker_threads'
import { DataTree, OPEN_ACL_ID, snapshotPrelude } from '../../dist/tree/index.js'
import { expectedData, expectedOwner, LARGE } from './seqlock-data.ts'
import type { SnapshotOrder, SnapshotReport } from './seqlock-worker.ts'

const ZNODES = 1000
const SNAPSHOTS = 10

test('a worker’s snapshots have no torn znode while this thread changes them', async (t) => {
  const tree = new DataTree({ hashSeed: 6 })
  const versions = new Array<number>(ZNODES).fill(0)
  let zxid = 0
  for (let i = 0; i < ZNODES; i += 1) {
    zxid += 1
    const path = `/n${i}`
    tree.createNode(path, expectedData(path, 0), OPEN_ACL_ID, expectedOwner(path), -1, zxid, zxid * 2)
  }
  tree.lastProcessedZxid = zxid
  /** Makes the small znodes anew, so that the changes to come extend them again. */
  const renew = (): void => {
    for (let i = LARGE; i < ZNODES; i += 1) {
      const path = `/n${i}`
      zxid += 2
      tree.deleteNode(path, zxid - 1)
      tree.createNode(path, expectedData(path, 0), OPEN_ACL_ID, expectedOwner(path), -1, zxid, zxid * 2)
      versions[i] = 0
    }
    tree.lastProcessedZxid = zxid
  }
  /** Changes a znode that stays, and makes or removes one that does not. */
  const change = (i: number): void => {
    const path = `/n${i}`
    const version = versions[i]! + 1
    versions[i] = version
    zxid += 1
    tree.setData(path, expectedData(path, version), version, zxid, zxid * 2)
    // Before, between and after changes of the data it is raised, and gets a child.
    zxid += 1
    if (i % 3 === version % 3) tree.raiseParent(path, zxid, zxid)
    else if (i % 7 === version % 7) tree.createNode(`${path}/below`, null, OPEN_ACL_ID, 0n, zxid, zxid, zxid * 2)
    const passing = `/c${i}`
    zxid += 1
    if (tree.find(passing) >= 0) tree.deleteNode(passing, zxid)
    else tree.createNode(passing, expectedData(passing, 0), OPEN_ACL_ID, 0n, -1, zxid, zxid * 2)
    tree.lastProcessedZxid = zxid
  }

  const worker = new Worker(new URL('./seqlock-worker.js', import.meta.url))
  t.after(() => worker.terminate())
  let changes = 0
  for (let snapshot = 0; snapshot < SNAPSHOTS; snapshot += 1) {
    renew()
    const { port1, port2 } = new MessageChannel()
    const shared = tree.beginSnapshot((chunk) => port1.postMessage(chunk))
    const prelude = snapshotPrelude(new Map(), tree.acls)
    let settled = false
    const reported = once(worker, 'message').finally(() => {
      settled = true
    })
    worker.postMessage({ shared, prelude, chunks: port2 } satisfies SnapshotOrder, [port2])
    while (!settled) {
      for (let i = 0; i < 50; i += 1, changes += 1) change((changes * 7919) % ZNODES)
      for (let i = 0; i < LARGE; i += 1) change(i)
      await turn()
    }
    const [{ error, znodes }] = (await reported) as [SnapshotReport]
    tree.endSnapshot(shared)
    port1.close()
    assert.equal(error, null)
    assert.ok(znodes >= ZNODES, 'znodes from before a snapshot that are never deleted are in it')
  }
  assert.ok(changes > 0)
})
