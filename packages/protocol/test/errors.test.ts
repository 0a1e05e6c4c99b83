import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KeeperError, ZooKeeperError } from '@vivarium/protocol'

test('an error says what happened, and where', () => {
  const cause = new Error('socket closed')
  const error = new KeeperError('NONODE', '/a', { cause })
  assert.ok(error instanceof ZooKeeperError)
  assert.deepEqual(
    [error.name, error.code, error.errno, error.kind, error.path],
    ['KeeperError', 'NONODE', -101, 'answer', '/a'],
  )
  assert.equal(error.message, 'NONODE: no such znode: /a')
  assert.equal(error.cause, cause)
  assert.equal(new KeeperError('SESSIONEXPIRED').path, null)
})

test('is tells KeeperErrors by their codes', () => {
  const error: unknown = new KeeperError('BADVERSION', '/a')
  assert.equal(KeeperError.is(error), true)
  assert.equal(KeeperError.is(error, 'NONODE', 'BADVERSION'), true)
  assert.equal(KeeperError.is(error, 'NONODE'), false)
  assert.equal(KeeperError.is(new ZooKeeperError('BADVERSION', 'not of a server')), false)
  assert.equal(KeeperError.is(null), false)
  // Narrows the type of the code.
  if (KeeperError.is(error, 'NONODE', 'BADVERSION')) {
    const code: 'NONODE' | 'BADVERSION' = error.code
    assert.equal(code, 'BADVERSION')
  }
})
