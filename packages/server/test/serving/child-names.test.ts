import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Database, DataTree } from '@vivarium/core'
import { childNames } from '../../dist/serving/child-names.js'

const FOLDER = '/folder'

/** A tree with a folder, in which there are znodes `n0`, `n1` …. */
function folder(children: number): DataTree {
  const tree = new DataTree({ hashSeed: 1 })
  create(tree, FOLDER, 1)
  for (let i = 0; i < children; i++) create(tree, `${FOLDER}/n${i}`, i + 2)
  return tree
}

const create = (tree: DataTree, path: string, zxid: number): void => {
  assert.ok(tree.createNode(path, null, tree.acls.intern([]), 0n, -1, zxid, 0) > 0)
}

const serving = (tree: DataTree): { database: Database } => ({ database: { tree } as unknown as Database })

/** Takes all pieces, after each of which something happens. */
function take(server: { database: Database }, between: (piece: number) => void = () => {}): [string[], boolean] {
  const names: string[] = []
  const pieces = childNames(server, FOLDER, 10)
  for (let piece = 0; ; piece++) {
    const next = pieces.next()
    if (next.done) return [names.sort(), next.value]
    assert.ok(next.value.length <= 10)
    names.push(...next.value)
    between(piece)
  }
}

const named = (count: number): string[] => Array.from({ length: count }, (_, i) => `n${i}`).sort()

test('all names come, in pieces', () => {
  for (const count of [0, 1, 10, 35]) assert.deepEqual(take(serving(folder(count))), [named(count), true])
})

test('without the znode there are none, and these are not all', () => {
  assert.deepEqual(take(serving(new DataTree({ hashSeed: 1 }))), [[], false])
})

test('what comes and goes meanwhile is told or not, and the rest is', () => {
  const tree = folder(35)
  const [names, areAll] = take(serving(tree), (piece) => {
    create(tree, `${FOLDER}/new${piece}`, 100 + piece)
    // The newest of those at the beginning, of which the second piece has told already.
    tree.deleteNode(`${FOLDER}/n${34 - piece}`, 200 + piece)
  })
  assert.deepEqual([names, areAll], [named(35), true])
})

test('where the next to be told is gone, these are not all: also if another has its place', () => {
  for (const replaced of [false, true]) {
    const tree = folder(35)
    const [names, areAll] = take(serving(tree), () => {
      tree.deleteNode(`${FOLDER}/n24`, 100)
      if (replaced) create(tree, `${FOLDER}/other`, 101)
    })
    assert.equal(areAll, false)
    assert.equal(names.length, 10)
  }
})

test('where all is replaced by a snapshot, these are not all', () => {
  const server = serving(folder(35))
  const [, areAll] = take(server, () => {
    server.database = serving(folder(35)).database
  })
  assert.equal(areAll, false)
})
