import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import {
  BlueThrottle,
  connectionCost,
  DEFAULT_BLUE_THROTTLE,
  DEFAULT_CONNECTION_WEIGHTS,
  effectiveWeights,
  weighted,
} from '@vivarium/core'

type Step = [now: number, need: number, drawn: number, admitted: boolean, deficit: number, dropChance: number]
type Settings = [
  start: number,
  tokens: number,
  fillTimeMs: number,
  fillCount: number,
  freezeTimeMs: number,
  dropIncrease: number,
  dropDecrease: number,
  decreaseRatio: number,
]

/** Written by RecordThrottle.java. */
const runs = JSON.parse(readFileSync(new URL('../../test/throttle/throttle.recording', import.meta.url), 'utf8')) as [
  Settings,
  Step[],
][]

test('connections are admitted and dropped as in Apache ZooKeeper', () => {
  let dropped = 0
  for (const [settings, steps] of runs) {
    const [start, tokens, fillTimeMs, fillCount, freezeTimeMs, dropIncrease, dropDecrease, decreaseRatio] = settings
    let drawn = 0
    const options = { tokens, fillTimeMs, fillCount, freezeTimeMs, dropIncrease, dropDecrease, decreaseRatio }
    const throttle = new BlueThrottle(options, () => drawn, start)
    for (const [index, [now, need, random, admitted, deficit, dropChance]] of steps.entries()) {
      drawn = random
      if (index === 50) throttle.maxTokens += 5
      assert.equal(throttle.admit(need, now), admitted, `${JSON.stringify(settings)} step ${index}`)
      assert.equal(throttle.deficit, deficit)
      assert.equal(throttle.dropChance, dropChance)
      if (!admitted) dropped++
    }
  }
  assert.ok(dropped > 100, `${dropped} dropped`)
})

test('it is off by default', () => {
  const throttle = new BlueThrottle(DEFAULT_BLUE_THROTTLE, () => 0, 0)
  for (let i = 0; i < 100; i++) assert.equal(throttle.admit(3, 0), true)
})

test('a bucket without tokens fills up again, and no further', () => {
  const throttle = new BlueThrottle({ ...DEFAULT_BLUE_THROTTLE, tokens: 2, fillTimeMs: 10 }, () => 0, 0)
  assert.deepEqual([throttle.admit(1, 0), throttle.admit(1, 0), throttle.admit(1, 0)], [true, true, false])
  assert.equal(throttle.admit(1, 10), false) // As in Java, only more than a period brings tokens.
  assert.equal(throttle.admit(1, 11), true)
  assert.equal(throttle.admit(3, 1000), false)
  assert.equal(throttle.deficit, 0)
})

test('connections cost what their session is worth', () => {
  const weights = effectiveWeights({ enabled: true, global: 0, renew: 1, local: 2 })
  assert.deepEqual(weights, { enabled: true, global: 3, renew: 2, local: 2 })
  assert.equal(effectiveWeights({ enabled: true, global: 1, renew: -1, local: 2 }).global, 2)
  assert.equal(connectionCost(weights, false, false), 3)
  assert.equal(connectionCost(weights, true, false), 2)
  assert.equal(connectionCost({ ...weights, local: 1 }, false, true), 1)
  assert.equal(connectionCost(DEFAULT_CONNECTION_WEIGHTS, false, false), 1)
  assert.equal(weighted(weights, 10), 30)
  assert.equal(weighted(DEFAULT_CONNECTION_WEIGHTS, 10), 10)
})
