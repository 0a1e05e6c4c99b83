import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { halfSipHash } from '../../dist/tree/half-sip-hash.js'
import { DataTree, NONE, OPEN_ACL_ID } from '../../dist/tree/index.js'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

function treeOf(hashSeed: number, paths: Iterable<string>): DataTree {
  const tree = new DataTree({ hashSeed, digestEnabled: false })
  let zxid = 0
  for (const path of paths) assert.ok(tree.createNode(path, null, OPEN_ACL_ID, 0n, -1, ++zxid, 0) > 0)
  return tree
}

test('the index finds everything at every size it grows through, and after it has shrunk', () => {
  const tree = new DataTree({ hashSeed: 77 })
  const nodes: number[] = []
  for (let i = 0; i < 20_000; i += 1) {
    nodes.push(tree.createNode(`/${i}`, null, OPEN_ACL_ID, 0n, -1, i, i))
    const other = (i * 7919) % (i + 1)
    assert.equal(tree.find(`/${other}`), nodes[other])
    assert.equal(tree.find(`/x${i}`), NONE)
  }
  assert.ok(tree.longestChain() < 32, `${tree.longestChain()}`)
  for (let i = 0; i < 20_000; i += 1) {
    const node = (i * 7919) % 20_000
    tree.deleteNode(`/${node}`, i)
    assert.equal(tree.find(`/${node}`), NONE)
    const other = ((i + 1) * 7919) % 20_000
    if (i < 19_999) assert.equal(tree.find(`/${other}`), nodes[other])
  }
})

test('paths that collide under one seed do not under another', () => {
  const known = 123_456
  const hostile: string[] = []
  // All in one bucket of 2^9 under the known seed, and in those that it is split off from.
  for (let i = 0; hostile.length < 1500; i += 1) {
    const path = `/${i.toString(36)}`
    if ((halfSipHash(bytes(path), 0, path.length, known, 0) & 0x1ff) === 0) hostile.push(path)
  }
  assert.ok(treeOf(known, hostile).longestChain() > 500)
  for (const seed of [known + 1, known + 2 ** 32, 0, 2 ** 53 - 1, 987_654_321]) {
    const longest = treeOf(seed, hostile).longestChain()
    assert.ok(longest < 32, `seed ${seed}: ${longest}`)
  }
})

test('the hash depends on every byte, on the length and on both halves of the seed', () => {
  const property = fc.property(
    fc.uint8Array({ minLength: 1, maxLength: 40 }),
    fc.nat(),
    fc.nat(7),
    (text, pick, bit) => {
      const hash = halfSipHash(text, 0, text.length, 1, 2)
      const other = text.slice()
      other[pick % text.length]! ^= 1 << bit
      assert.notEqual(halfSipHash(other, 0, other.length, 1, 2), hash)
      assert.notEqual(halfSipHash(text, 0, text.length, 1 ^ (1 << bit), 2), hash)
      assert.notEqual(halfSipHash(text, 0, text.length, 1, 2 ^ (1 << bit)), hash)
      assert.notEqual(halfSipHash(text, 0, text.length - 1, 1, 2), hash)
      assert.equal(halfSipHash(new Uint8Array([9, ...text, 9]), 1, text.length + 1, 1, 2), hash)
    },
  )
  fc.assert(property, { seed: 1, numRuns: 500 }) // Seeded, as one of 2^32 pairs may well be equal.
})
