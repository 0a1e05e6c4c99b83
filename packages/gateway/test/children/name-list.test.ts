import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { NameList, PIECE } from '../../dist/children/name-list.js'

/** Names in no order, some of them twice. */
const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `n${(i * 7919) % (count + 3)}`)

function* pieces(all: readonly string[], size = PIECE): Iterable<readonly string[]> {
  for (let at = 0; at < all.length; at += size) yield all.slice(at, at + size)
}

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

test('names are sorted, however many', async () => {
  for (const count of [0, 1, 4095, 4096, 4097, 10_000, 50_001]) {
    const list = await NameList.of(pieces(names(count)), count)
    assert.equal(list.length, count)
    assert.deepEqual(list.slice(0, count), names(count).sort())
  }
})

test('names of any characters are sorted and found by their bytes, whatever number of them was expected', async () => {
  const words = fc.array(fc.string({ unit: 'grapheme', maxLength: 8 }))
  await fc.assert(
    fc.asyncProperty(words, fc.nat(20), fc.string({ unit: 'grapheme', maxLength: 8 }), async (given, count, wanted) => {
      const list = await NameList.of(pieces(given, 3), count)
      const expected = given.toSorted(byBytes)
      assert.deepEqual(list.slice(0, given.length), expected)
      assert.deepEqual(list.slice(1, 3), expected.slice(1, 3))
      assert.equal(list.indexAfter(wanted), expected.filter((name) => byBytes(name, wanted) <= 0).length)
    }),
  )
})

test('others have their turn while very many are sorted', async () => {
  let turns = 0
  let isOver = false
  const count = (): void => {
    turns++
    if (!isOver) setImmediate(count)
  }
  setImmediate(count)
  await NameList.of(pieces(names(100_000)), 100_000)
  isOver = true
  assert.ok(turns > 1000, `${turns}`)
})
