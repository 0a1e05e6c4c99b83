import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { MessageChannel, Worker } from 'node:worker_threads'
import { DataTree, OPEN_ACL_ID, snapshotPrelude } from '../../dist/tree/index.js'
import { expectedData, LARGE } from './seqlock-data.ts'
import type { SnapshotOrder, SnapshotReport } from './seqlock-worker.ts'

const ZNODES = 1000
const SNAPSHOTS = 10

test('a worker’s snapshots have no torn znode while this thread changes them', async () => {
  const tree = new DataTree({ hashSeed: 6 })
  const versions = new Array<number>(ZNODES).fill(0)
  let zxid = 0
  for (let i = 0; i < ZNODES; i += 1) {
    zxid += 1
    tree.createNode(`/n${i}`, expectedData(`/n${i}`, 0), OPEN_ACL_ID, 0n, -1, zxid, zxid * 2)
  }
  tree.lastProcessedZxid = zxid
  /** Changes a znode that stays, and makes or removes one that does not. */
  const change = (i: number): void => {
    const path = `/n${i}`
    const version = versions[i]! + 1
    versions[i] = version
    zxid += 1
    tree.setData(path, expectedData(path, version), version, zxid, zxid * 2)
    const passing = `/c${i}`
    zxid += 1
    if (tree.find(passing) >= 0) tree.deleteNode(passing, zxid)
    else tree.createNode(passing, expectedData(passing, 0), OPEN_ACL_ID, 0n, -1, zxid, zxid * 2)
    tree.lastProcessedZxid = zxid
  }

  const worker = new Worker(new URL('./seqlock-worker.js', import.meta.url))
  let changes = 0
  for (let snapshot = 0; snapshot < SNAPSHOTS; snapshot += 1) {
    const { port1, port2 } = new MessageChannel()
    const shared = tree.beginSnapshot((chunk) => port1.postMessage(chunk))
    const prelude = snapshotPrelude(new Map(), tree.acls)
    let report: SnapshotReport | null = null
    const reported = once(worker, 'message').then(([message]) => {
      report = message as SnapshotReport
    })
    worker.postMessage({ shared, prelude, chunks: port2 } satisfies SnapshotOrder, [port2])
    while (report === null) {
      for (let i = 0; i < 50; i += 1, changes += 1) change((changes * 7919) % ZNODES)
      for (let i = 0; i < LARGE; i += 1) change(i)
      await turn()
    }
    await reported
    tree.endSnapshot(shared)
    port1.close()
    const { error, znodes } = report as SnapshotReport
    assert.equal(error, null)
    assert.ok(znodes >= ZNODES, 'znodes from before a snapshot that are never deleted are in it')
  }
  await worker.terminate()
  assert.ok(changes > 0)
})
