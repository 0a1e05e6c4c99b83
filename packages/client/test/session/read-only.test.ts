import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeEnsemble } from '../fake/fake-ensemble.ts'
import { settle } from '../fake/manual-clock.ts'

test('a client of a read-only server looks for one that takes writes, and goes there with a new session', async () => {
  const ensemble = new FakeEnsemble()
  const zk = ensemble.client('zk1,zk2', { canBeReadOnly: true })
  await ensemble.clock.advance(0)
  const readOnly = ensemble.peer
  assert.equal(readOnly.greet(1n, { readOnly: true }).readOnly, true)
  await settle()
  assert.equal(zk.state, 'read-only')
  const probes = []
  while (probes.length < 2) {
    const probe = await ensemble.reconnection()
    assert.equal(probe.word, 'isro')
    probe.sendBytes(Buffer.from(probe.server === readOnly.server ? 'ro' : 'rw'))
    await settle()
    probes.push(probe.server)
    probe.closed()
    await settle()
    if (probe.server !== readOnly.server) break
  }
  const states: string[] = []
  zk.onState(({ state }) => states.push(state))
  const writable = await ensemble.reconnection()
  assert.notEqual(writable.server, readOnly.server)
  assert.equal(writable.greet(2n).sessionId, 0n)
  await settle()
  assert.equal(zk.state, 'connected')
  assert.equal(zk.session?.number, 2)
  assert.deepEqual(states, ['lost', 'connected'])
})
