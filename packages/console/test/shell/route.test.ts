import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatRoute, parseRoute } from '../../dist/app/shell/route.js'

test('an address says where one is', () => {
  assert.equal(formatRoute('tree', { path: '/a/b c', tab: undefined }), '#/tree?path=/a/b+c')
  assert.deepEqual(parseRoute('#/tree?path=/a/b+c'), { view: 'tree', parameters: { path: '/a/b c' } })
})

test('every path comes back', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (name) => {
      const path = `/${name}`
      assert.equal(parseRoute(formatRoute('tree', { path })).parameters.path, path)
    }),
  )
})

test('whatever stands in an address, one is somewhere', () => {
  assert.equal(parseRoute('').view, 'tree')
  assert.equal(parseRoute('#/nowhere?%').view, 'tree')
  assert.equal(parseRoute('#/__proto__').view, 'tree')
})
