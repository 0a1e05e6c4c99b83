import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Histogram } from '../../dist/load/histogram.js'

test('a percentile is the latency of that rank, to 1 part in 128 and a tenth of a microsecond', () => {
  const latencies = fc.array(fc.double({ min: 0, max: 200_000, noNaN: true }), { minLength: 1 })
  fc.assert(
    fc.property(latencies, fc.double({ min: 0.001, max: 1, noNaN: true }), (values, part) => {
      const histogram = new Histogram()
      for (const value of values) histogram.record(value)
      const sorted = values.toSorted((a, b) => a - b)
      const exact = sorted[Math.ceil(values.length * part) - 1]!
      assert.ok(Math.abs(histogram.percentile(part) - exact) <= exact / 128 + 0.0001)
      assert.equal(histogram.count, values.length)
    }),
  )
})

test('what takes longer than the histogram reaches counts as its longest', () => {
  const histogram = new Histogram()
  histogram.record(1e9)
  assert.equal(histogram.percentile(0.5), histogram.maxMs)
  assert.equal(Math.round(histogram.maxMs / 1000), 215)
})

test('without values all figures are 0', () => {
  const histogram = new Histogram()
  assert.deepEqual([histogram.percentile(0.99), histogram.meanMs, histogram.maxMs], [0, 0, 0])
})
