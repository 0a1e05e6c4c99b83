import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import { subscribe, tracingChannel, unsubscribe } from 'node:diagnostics_channel'
import { test } from 'node:test'
import { MultiHeader } from '@vivarium/protocol'
import { KeeperError } from '../dist/index.js'
import type { TracedRequest } from '../dist/tracing/index.js'
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

test('a tracing channel tells of each request where it is asked for, and when it is answered', async (t) => {
  const place = new AsyncLocalStorage<string>()
  const told: unknown[] = []
  const tell =
    (what: string) =>
    (message: unknown): void => {
      const { client, operation, path, error } = message as TracedRequest
      told.push([what, client, operation, path, KeeperError.is(error) ? error.code : null, place.getStore()])
    }
  const listeners = { start: tell('start'), asyncEnd: tell('end'), error: tell('error'), end() {}, asyncStart() {} }
  tracingChannel('vivarium:client:request').subscribe(listeners)
  t.after(() => tracingChannel('vivarium:client:request').unsubscribe(listeners))
  const ensemble = new FakeEnsemble()
  const zk = ensemble.client('zk1/app', { name: 'me' })
  await ensemble.clock.advance(0)
  const { peer } = ensemble
  peer.greet(1n)
  const asked = place.run('here', () => Promise.allSettled([zk.getData('/a'), zk.multi([]), zk.setData('/b', 'x')]))
  await settle()
  const [read, multi, write] = peer.take()
  peer.replyData(read as never, 'x')
  peer.reply(multi as never, {}, (writer) => MultiHeader.write(writer, { type: -1, done: true, err: -1 }))
  peer.reply(write as never, { error: 'BADVERSION' })
  await asked
  assert.deepEqual(told, [
    ['start', 'me', 'getData', '/a', null, 'here'],
    ['start', 'me', 'multi', null, null, 'here'],
    ['start', 'me', 'setData', '/b', null, 'here'],
    ['end', 'me', 'getData', '/a', null, 'here'],
    ['end', 'me', 'multi', null, null, 'here'],
    ['error', 'me', 'setData', '/b', 'BADVERSION', 'here'],
    ['end', 'me', 'setData', '/b', 'BADVERSION', 'here'],
  ])
})
