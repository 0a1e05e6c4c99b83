import assert from 'node:assert/strict'
import { test } from 'node:test'
import { credentialsOf } from '../../dist/http/credentials.js'

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`

test('a user and its password are an identity; no header is nobody', () => {
  assert.equal(credentialsOf(undefined), null)
  assert.equal(credentialsOf(basic('bob:secret')), 'bob:secret')
  assert.equal(credentialsOf(basic('bob:a:b')), 'bob:a:b')
  assert.equal(credentialsOf(basic('bób:ü')), 'bób:ü')
})

test('anything else is refused, and never taken for nobody', () => {
  for (const header of [
    '',
    'Basic',
    'Bearer abc',
    basic('bob'),
    basic(':secret'),
    `Basic ${'A'.repeat(2000)}`,
    'Basic ?',
  ]) {
    assert.throws(() => credentialsOf(header), { status: 401, code: 'Unauthorized' })
  }
})
