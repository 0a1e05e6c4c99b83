import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connectionState } from '../../dist/app/shell/connection-state.js'

const servers = 'zk1:2181,zk2:2181'

test('all is well only while a server answers', () => {
  assert.deepEqual(connectionState(null, { state: 'connected', servers }, 'live'), { look: 'good', text: servers })
  assert.equal(connectionState(null, { state: 'read-only', servers }, 'live').look, 'good')
  for (const state of ['connecting', 'suspended', 'lost', 'closed']) {
    const { look, text } = connectionState(null, { state, servers }, 'live')
    assert.equal(look, 'bad', state)
    assert.match(text, /^No server of zk1:2181,zk2:2181 answers/)
  }
})

test('a gateway that does not answer is worse than a stream that is being had again', () => {
  assert.deepEqual(connectionState('It does not answer.', { state: 'connected', servers }, 'live'), {
    look: 'bad',
    text: 'It does not answer.',
  })
  assert.equal(connectionState(null, { state: 'connected', servers }, 'lost').look, 'waiting')
  assert.equal(connectionState(null, null, 'connecting').look, 'waiting')
})
