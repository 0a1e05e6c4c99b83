import assert from 'node:assert/strict'
import { type MessagePort, parentPort, receiveMessageOnPort } from 'node:worker_threads'
import {
  type ArenaChunk,
  type SharedTree,
  SharedTreeReader,
  SnapshotReader,
  SnapshotWriter,
} from '../../dist/tree/index.js'
import { expectedData, expectedOwner } from './seqlock-data.ts'

/** Takes a snapshot of a tree that the main thread is changing, and says how many znodes it had and saw torn. */
export interface SnapshotOrder {
  readonly shared: SharedTree
  readonly prelude: Uint8Array
  readonly chunks: MessagePort
}

export interface SnapshotReport {
  readonly znodes: number
  readonly error: string | null
}

parentPort!.on('message', ({ shared, prelude, chunks }: SnapshotOrder) => {
  const moreChunks = (): ArenaChunk[] => {
    const added: ArenaChunk[] = []
    for (let message = receiveMessageOnPort(chunks); message !== undefined; message = receiveMessageOnPort(chunks)) {
      added.push(message.message as ArenaChunk)
    }
    return added
  }
  const writer = new SnapshotWriter(prelude, new SharedTreeReader(shared, moreChunks))
  const reader = new SnapshotReader({ hashSeed: 1 })
  const piece = new Uint8Array(10_000)
  for (let count = writer.next(piece); count > 0; count = writer.next(piece)) reader.feed(piece, 0, count)
  chunks.close()
  parentPort!.postMessage({
    znodes: reader.tree.nodeCount,
    error: reader.error ?? problem(reader),
  } satisfies SnapshotReport)
})

/** What is wrong with the tree that was read, if anything: every znode must be one state that it really had. */
function problem({ done, tree }: SnapshotReader): string | null {
  if (!done) return 'the snapshot does not end'
  try {
    tree.forEachChild(0, (node) => {
      if (tree.nameOf(node) === 'zookeeper') return
      const version = tree.version(node)
      const path = tree.pathOf(node)
      assert.match(path, /^\/[cn]\d+$/)
      assert.equal(tree.mtime(node), tree.mzxid(node) * 2, path)
      assert.equal(tree.pzxid(node), tree.cversion(node) || tree.czxid(node), path)
      assert.equal(tree.owner(node), expectedOwner(path), path)
      assert.ok(Buffer.from(tree.data(node)!).equals(expectedData(path, version)), `${path} version ${version}`)
    })
  } catch (error) {
    return String(error)
  }
  return null
}
