import assert from 'node:assert/strict'
import { test } from 'node:test'
import { apache, PeerUnavailable, startServer } from '../dist/index.js'

test('where Apache cannot be had, that is said', async () => {
  const path = process.env.PATH
  process.env.PATH = '/nowhere'
  try {
    const kind = apache({ cache: `/tmp/vivarium-no-cache-${process.pid}` })
    await assert.rejects(startServer({ kind }), PeerUnavailable)
  } finally {
    process.env.PATH = path
  }
})
