import assert from 'node:assert/strict'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { test } from 'node:test'
import { FakeEnsemble } from './fake/fake-ensemble.ts'
import { settle } from './fake/manual-clock.ts'

test('whoever subscribes learns of attempts, sessions, states and disconnections', async () => {
  const told: string[] = []
  const listeners = ['attempt', 'session', 'state', 'disconnect'].map((name) => {
    const listener = (message: unknown): void => {
      const { client, server, state } = message as { client: string; server?: string; state?: string }
      told.push(`${client} ${name} ${server ?? state}`)
    }
    subscribe(`vivarium:client:${name}`, listener)
    return () => unsubscribe(`vivarium:client:${name}`, listener)
  })
  const { peer } = await new FakeEnsemble().connected({ name: 'me' })
  peer.cut()
  await settle()
  for (const stop of listeners) stop()
  assert.deepEqual(told, [
    'me attempt zk1:2181',
    'me session zk1:2181',
    'me state connected',
    'me disconnect zk1:2181',
    'me state suspended',
  ])
})
