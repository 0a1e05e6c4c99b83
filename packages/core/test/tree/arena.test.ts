import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OPEN_ACL_UNSAFE } from '@vivarium/protocol'
import fc from 'fast-check'
import { Arena, HANDLE_CHUNK_SHIFT, HANDLE_UNIT_MASK } from '../../dist/tree/arena.js'
import { DataTree } from '../../dist/tree/index.js'
import { LARGEST_CLASS_BYTES, SIZE_CLASSES, sizeClassOf, unitsOfClass } from '../../dist/tree/size-classes.js'

test('size classes waste at most an eighth, and grow one by one', () => {
  let last = -1
  for (let bytes = 1; bytes <= LARGEST_CLASS_BYTES; bytes += 1) {
    const sizeClass = sizeClassOf(bytes)
    const size = unitsOfClass(sizeClass) * 8
    assert.ok(sizeClass === last || sizeClass === last + 1, `${bytes}`)
    assert.ok(size >= bytes && (size - bytes < 8 || (size - bytes) * 8 <= size), `${bytes} in ${size}`)
    last = sizeClass
  }
  assert.equal(last, SIZE_CLASSES - 1)
})

function bytesAt(arena: Arena, handle: number, length: number): Uint8Array {
  const at = (handle & HANDLE_UNIT_MASK) << 3
  return arena.chunks[handle >>> HANDLE_CHUNK_SHIFT]!.subarray(at, at + length)
}

test('blocks never overlap, and all memory comes back', () => {
  const anySize = fc.oneof(
    { weight: 10, arbitrary: fc.integer({ min: 1, max: 200 }) },
    { weight: 3, arbitrary: fc.integer({ min: 200, max: 40_000 }) },
    { weight: 1, arbitrary: fc.integer({ min: 40_000, max: 1_500_000 }) },
  )
  const anyStep = fc.record({ free: fc.boolean(), size: anySize, pick: fc.nat() })
  const property = fc.property(fc.array(anyStep, { maxLength: 200 }), (steps) => {
    const arena = new Arena()
    const blocks: { handle: number; size: number; fill: number }[] = []
    const checkAndFree = (index: number): void => {
      const [{ handle, size, fill }] = blocks.splice(index, 1) as [(typeof blocks)[number]]
      const bytes = bytesAt(arena, handle, size)
      assert.equal(bytes.length, size)
      assert.ok([0, size >> 1, size - 1].every((at) => bytes[at] === fill))
      arena.free(handle | 0)
    }
    for (const [i, { free, size, pick }] of steps.entries()) {
      if (free && blocks.length > 0) checkAndFree(pick % blocks.length)
      else {
        const handle = arena.allocate(size)
        bytesAt(arena, handle, size).fill(i)
        blocks.push({ handle, size, fill: i & 0xff })
      }
    }
    while (blocks.length > 0) checkAndFree(0)
    assert.equal(arena.usedBytes, 0)
  })
  fc.assert(property, { numRuns: 40 })
})

test('emptied pages serve other sizes, and large buffers are given back', () => {
  const arena = new Arena()
  const fillAndFree = (size: number, count: number): void => {
    const handles = Array.from({ length: count }, () => arena.allocate(size))
    for (const handle of handles) arena.free(handle)
  }
  fillAndFree(100, 100_000)
  const reserved = arena.reservedBytes
  for (const size of [16, 64, 200, 1000, 7000, 20_000, 500_000]) fillAndFree(size, Math.floor(10_000_000 / size))
  assert.equal(arena.reservedBytes, reserved)
  fillAndFree(5_000_000, 10)
  assert.equal(arena.reservedBytes, reserved)
  fillAndFree(100, 1_000_000)
  assert.ok(arena.reservedBytes <= 8 * 4 * 1024 * 1024, 'at most eight empty chunks are kept')
  assert.equal(arena.usedBytes, 0)
})

test('ids of dropped chunks are not given away while they are kept', () => {
  const arena = new Arena()
  const first = arena.allocate(2_000_000)
  arena.keepIds(true)
  arena.free(first)
  const second = arena.allocate(2_000_000)
  assert.notEqual(second >>> HANDLE_CHUNK_SHIFT, first >>> HANDLE_CHUNK_SHIFT)
  arena.keepIds(false)
  assert.equal(arena.allocate(2_000_000) >>> HANDLE_CHUNK_SHIFT, first >>> HANDLE_CHUNK_SHIFT)
})

test('a new chunk is told before its first block is', () => {
  const arena = new Arena()
  const ids: number[] = []
  arena.onChunk = ({ id, buffer }) => {
    assert.equal(arena.chunks[id]!.buffer, buffer)
    ids.push(id)
  }
  for (const size of [10, 9000, 3_000_000]) arena.allocate(size)
  assert.deepEqual(ids, [0, 1, 2])
})

test('a hundred thousand creations, changes and deletions leak nothing', () => {
  const tree = new DataTree({ hashSeed: 4 })
  const data = new Uint8Array(20_000).fill(1)
  const used = tree.usedBytes
  let reserved = 0
  let zxid = 0
  for (let round = 0; round < 10; round += 1) {
    for (let i = 0; i < 10_000; i += 1) {
      const path = `/node-${i}`
      tree.createNode(
        path,
        data.subarray(0, i % 300),
        tree.acls.intern(OPEN_ACL_UNSAFE),
        BigInt(i % 3),
        -1,
        ++zxid,
        zxid,
      )
      tree.setData(path, data.subarray(0, (i * 7) % (i % 100 === 0 ? 20_000 : 500)), 1, ++zxid, zxid)
    }
    for (let i = 0; i < 10_000; i += 1) tree.deleteNode(`/node-${(i * 7919) % 10_000}`, ++zxid)
    if (round === 0) reserved = tree.reservedBytes
  }
  assert.deepEqual([tree.nodeCount, tree.usedBytes, tree.reservedBytes], [5, used, reserved])
  assert.deepEqual([tree.acls.size, tree.ephemeralCount, tree.approximateDataSize], [1, 0, 44])
})
