import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Clock } from '@vivarium/env'
import { PeerLog } from '../../dist/quorum/peer-log.js'
import { RecordedLog } from '../standalone/recorded-log.ts'

test('what other servers cause to be said is bounded, and it is said how much was left out', () => {
  const log = new RecordedLog()
  let nowMs = 5000
  const clock = { monotonicMs: () => nowMs } as Clock
  const peerLog = new PeerLog({ log, clock })
  for (let i = 0; i < 1000; i++) peerLog.warn(`nonsense ${i}`)
  assert.equal(log.lines.length, 20)
  nowMs += 1000
  peerLog.info('something else')
  assert.equal(log.lines.length, 22)
  assert.match(log.lines[20] as string, /980 more lines about other servers were left out/)
  assert.match(log.lines[21] as string, /something else/)
})
