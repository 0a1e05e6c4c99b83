import assert from 'node:assert/strict'
import { test } from 'node:test'
import { callBackThrough } from '../dist/network/election-greeting.js'

function greeting(address: string, rest = ''): Buffer {
  const bytes = Buffer.alloc(20)
  bytes.writeBigInt64BE(-65_536n, 0)
  bytes.writeBigInt64BE(3n, 8)
  bytes.writeInt32BE(address.length, 16)
  return Buffer.concat([bytes, Buffer.from(address + rest)])
}

test('a member is called back through the wire, and what it says after that stays as it is', () => {
  const rewrite = callBackThrough(40_001)
  assert.deepEqual(rewrite(greeting('127.0.0.1:3888', 'vote')), greeting('127.0.0.1:40001', 'vote'))
  assert.deepEqual(rewrite(greeting('127.0.0.1:3888')), greeting('127.0.0.1:3888'))
})

test('what is no greeting of that kind stays as it is', () => {
  const old = Buffer.alloc(8, 1)
  assert.equal(callBackThrough(40_001)(old), old)
})
