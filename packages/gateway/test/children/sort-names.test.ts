import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sortNames } from '../../dist/children/sort-names.js'

/** Names in no order, some of them twice. */
const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `n${(i * 7919) % (count + 3)}`)

test('names are sorted as sort does it, however many', async () => {
  for (const count of [0, 1, 4095, 4096, 4097, 10_000, 50_001]) {
    assert.deepEqual(await sortNames(names(count)), names(count).sort())
  }
})

test('others have their turn while very many are sorted', async () => {
  let turns = 0
  let isOver = false
  const count = (): void => {
    turns++
    if (!isOver) setImmediate(count)
  }
  setImmediate(count)
  await sortNames(names(100_000))
  isOver = true
  assert.ok(turns > 20, `${turns}`)
})
