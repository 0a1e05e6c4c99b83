import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatTable, median, Results } from '../../dist/compare/results.js'

test('the median of an even number of values lies between the two in the middle', () => {
  assert.equal(median([9, 1, 5]), 5)
  assert.equal(median([9, 1, 5, 7]), 6)
  assert.equal(median([]), 0)
})

test('a ratio above 1 means that ours is better, whatever the unit', () => {
  const results = new Results()
  for (const value of [100, 300, 200]) results.add('ours', 'get', 'ops/s', 'more', value)
  results.add('theirs', 'get', 'ops/s', 'more', 100)
  results.add('ours', 'get', 'p99 ms', 'less', 2)
  results.add('theirs', 'get', 'p99 ms', 'less', 8)
  results.add('ours', 'only ours', 's', 'less', 1)
  const rows = results.rows()
  assert.deepEqual(
    rows.map(({ ratio }) => ratio),
    [2, 4, null],
  )
  assert.deepEqual(formatTable(rows).split('\n')[1]?.trim().split(/\s+/), ['get:', 'ops/s', '100', '200', '2.00'])
})
