import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ZooKeeper } from '../dist/index.js'

test('a connect string that names no server is refused', () => {
  assert.throws(() => new ZooKeeper('/app'), { code: 'BAD_ARGUMENT' })
})
