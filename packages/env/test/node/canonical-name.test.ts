import assert from 'node:assert/strict'
import { lookupService } from 'node:dns/promises'
import { test } from 'node:test'
import { canonicalName } from '../../dist/node/index.js'

test('an address that has a name goes by it, and so does the name', async () => {
  const { hostname } = await lookupService('127.0.0.1', 0)
  assert.equal(await canonicalName('127.0.0.1'), hostname)
  assert.equal(await canonicalName(hostname), hostname)
})

test('a name that nothing is known of stays what it is', async () => {
  assert.equal(await canonicalName('no such.invalid'), 'no such.invalid')
})
