import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Percentiles } from '../../dist/admin/metric-percentiles.js'

function percentiles(values: readonly number[]): Percentiles {
  const result = new Percentiles()
  for (const value of values) result.observe(value)
  return result
}

test('small values are told exactly', () => {
  const values = percentiles(Array.from({ length: 30 }, (_, value) => value + 1))
  assert.deepEqual(
    [0.5, 0.9, 1].map((quantile) => values.percentile(quantile)),
    [15, 27, 30],
  )
})

test('there is nothing to tell of nothing', () => {
  assert.equal(percentiles([]).percentile(0.99), 0)
})

test('property: a percentile is off by a sixteenth at most, and never out of range', () => {
  const value = fc.oneof(fc.nat(40), fc.nat(100_000), fc.integer({ min: 0, max: 2 ** 31 - 1 }))
  fc.assert(
    fc.property(fc.array(value, { minLength: 1 }), fc.constantFrom(0.5, 0.95, 0.99, 0.999), (values, quantile) => {
      const sorted = values.toSorted((a, b) => a - b)
      const exact = sorted[Math.max(1, Math.ceil(quantile * values.length)) - 1]!
      const told = percentiles(values).percentile(quantile)
      assert.ok(Math.abs(told - exact) <= exact / 16, `${told} for ${exact}`)
      assert.ok(told >= sorted[0]! && told <= sorted.at(-1)!)
    }),
  )
})

test('what no latency can be is counted all the same', () => {
  const values = percentiles([-5, 0.5, 2 ** 40, Number.MAX_SAFE_INTEGER])
  assert.equal(values.summary.count, 4)
  assert.ok(values.percentile(1) >= 2 ** 30)
})
