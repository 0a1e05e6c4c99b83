import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VIVARIUM } from '../../dist/clients/interop.js'
import { measureWatchMemory } from '../../dist/clients/watches/memory.js'
import { measureRearming } from '../../dist/clients/watches/rearming.js'

test('watches are set again in several packets, tell what was missed, and each tells once', async () => {
  const result = await measureRearming({ kind: VIVARIUM, watches: 10_000, sessionTimeoutMs: 30_000 })
  assert.ok(result.packets > 1)
  assert.equal(result.missed, 100)
  assert.deepEqual([result.told, result.toldTwice, result.sameSession], [10_000, 0, true])
})

test('all one-shot watches tell, and what they leave is measured from the first round on', async () => {
  const result = await measureWatchMemory({ kind: VIVARIUM, watches: 2000, rounds: 2 })
  assert.equal(result.watches, 2000)
  assert.equal(result.heapMiB.length, 2)
})
