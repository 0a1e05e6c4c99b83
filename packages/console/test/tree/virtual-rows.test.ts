import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { scrollTopFor, windowOf } from '../../dist/app/tree/virtual-rows.js'

const ROW = { rowHeight: 30, viewport: 600 }

test('the rows around what is scrolled to are made', () => {
  const { first, end, top, height } = windowOf({ ...ROW, count: 1000, scrollTop: 3000 })
  assert.deepEqual({ first, end, top, height }, { first: 92, end: 128, top: 2760, height: 30_000 })
})

test('a list that is taller than browsers bear ends at its last row', () => {
  const count = 1_000_000
  const { height } = windowOf({ ...ROW, count, scrollTop: 0 })
  assert.equal(height, 8_000_000)
  const { end, first, top } = windowOf({ ...ROW, count, scrollTop: height - ROW.viewport })
  assert.equal(end, count)
  assert.equal(Math.round(top + (end - first) * 30), height)
})

test('whatever row is brought into view is in the window, whole', () => {
  const scrolled = fc.record({
    count: fc.integer({ min: 1, max: 2_000_000 }),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  fc.assert(
    fc.property(scrolled, fc.nat(2_000_000), ({ count, at }, wanted) => {
      const row = wanted % count
      const { height } = windowOf({ ...ROW, count, scrollTop: 0 })
      const before = { ...ROW, count, scrollTop: Math.round(at * Math.max(0, height - ROW.viewport)) }
      const scrollTop = Math.max(0, scrollTopFor(row, before))
      const { first, end, top } = windowOf({ ...before, scrollTop })
      assert.ok(row >= first && row < end)
      const rowTop = top + (row - first) * ROW.rowHeight
      // A pixel of scrolling is several rows in a list that is too tall.
      const slack = (count * ROW.rowHeight) / height + 1
      assert.ok(rowTop >= scrollTop - slack && rowTop + ROW.rowHeight <= scrollTop + ROW.viewport + slack)
    }),
  )
})
