import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Series } from '../../dist/app/metrics/series.js'

test('counts become rates, sums become means, values stay', () => {
  const series = new Series()
  series.add({ now: 1000, figures: { count: 10, sum: 5, value: 1 } })
  series.add({ now: 3000, figures: { count: 30, sum: 45, value: 2 } })
  const [times, rate, mean, value] = series.table([
    { title: 'rate', rate: 'count' },
    { title: 'mean', sum: 'sum', count: 'count' },
    { title: 'value', value: 'value' },
  ])
  assert.deepEqual(times, [1, 3])
  assert.deepEqual(rate, [null, 10])
  assert.deepEqual(mean, [null, 2])
  assert.deepEqual(value, [1, 2])
})

test('a server that began anew leaves a gap', () => {
  const series = new Series()
  series.add({ now: 1000, figures: { count: 10 } })
  series.add({ now: 2000, figures: { count: 0 } })
  assert.deepEqual(series.table([{ title: 'rate', rate: 'count' }])[1], [null, null])
})

test('the oldest samples go', () => {
  const series = new Series()
  for (let at = 1; at <= 1000; at++) series.add({ now: at, figures: {} })
  assert.equal(series.length, 900)
})
