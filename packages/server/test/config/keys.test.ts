import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allKeys, keyNamed } from '../../dist/config/keys.js'
import { JAVA_DEFAULTS } from './java-defaults.ts'

/** Keys that only this server has. */
const OWN = [
  'admin.gateway',
  'admin.gateway.allowedHosts',
  'admin.trustedProxies',
  'audit.file',
  'audit.format',
  'log.format',
  'log.level',
  'client.maxPendingBytes',
  'client.maxWatches',
  'keeper.extensions.enabled',
  'ssl.keyStore.inline',
  'ssl.trustStore.inline',
  'ssl.quorum.keyStore.inline',
  'ssl.quorum.trustStore.inline',
]

for (const { name, scope, text } of JAVA_DEFAULTS) {
  test(`${name} has Java's default and is read where Java reads it`, () => {
    const key = keyNamed(name)
    assert.ok(key)
    assert.equal(key.name, name)
    assert.equal(key.type.format(key.default), text)
    assert.equal(key.scope, scope)
  })
}

test('there are no keys but those of Java and our own, and none twice', () => {
  const names = allKeys.map(({ name }) => name)
  assert.deepEqual(names.toSorted(), [...JAVA_DEFAULTS.map(({ name }) => name), ...OWN].toSorted())
})

test('every default is a value that may be written, but for those that stand for an absence', () => {
  for (const key of allKeys) {
    const text = key.type.format(key.default)
    if (text === '') continue
    assert.deepEqual(key.type.parse(text), key.default, key.name)
  }
})

test('names and aliases do not collide', () => {
  const names = allKeys.flatMap(({ name, aliases }) => [name, ...aliases])
  assert.equal(new Set(names).size, names.length)
})

const GUIDE_NAMES = {
  connectionMaxTokens: 'connection_throttle_tokens',
  connectionTokenFillTime: 'connection_throttle_fill_time',
  connectionTokenFillCount: 'connection_throttle_fill_count',
  connectionFreezeTime: 'connection_throttle_freeze_time',
  connectionDropIncrease: 'connection_throttle_drop_increase',
  connectionDropDecrease: 'connection_throttle_drop_decrease',
  connectionDecreaseRatio: 'connection_throttle_decrease_ratio',
  requestThrottleLimit: 'request_throttle_max_requests',
  requestThrottleStallTime: 'request_throttle_stall_time',
  requestThrottleDropStale: 'request_throttle_drop_stale',
  requestStaleLatencyCheck: 'request_stale_latency_check',
  requestStaleConnectionCheck: 'request_stale_connection_check',
  advancedFlowControlEnabled: 'netty.advancedFlowControl.enabled',
  throttledOpWaitTime: 'throttled_op_wait_time',
  maxConcurrentSnapSyncs: 'leader.maxConcurrentSnapSyncs',
  maxConcurrentDiffSyncs: 'leader.maxConcurrentDiffSyncs',
  'outstandingHandshake.limit': 'netty.server.outstandingHandshake.limit',
}

for (const [guide, name] of Object.entries(GUIDE_NAMES)) {
  test(`the administrator's guide calls ${name} ${guide}`, () => assert.equal(keyNamed(guide)?.name, name))
}
