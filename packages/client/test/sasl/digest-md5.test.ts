import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digestMd5Proof } from '@vivarium/protocol'
import { digestMd5 } from '../../dist/index.js'
import { countingRandom, FakeEnsemble } from '../fake/fake-ensemble.ts'
import { settle } from '../fake/manual-clock.ts'

const CHALLENGE = 'realm="zk-sasl-md5",nonce="abc\\"d",charset=utf-8,algorithm=md5-sess,qop="auth"'

test('an exchange proves each to the other', () => {
  const exchange = digestMd5({ user: 'b"ob', password: 'pw' }).start({ host: 'zk1', random: countingRandom() })
  assert.equal(exchange.first(), null)
  const step = exchange.respond(Buffer.from(CHALLENGE)) as { token: Uint8Array; done: boolean }
  assert.equal(step.done, false)
  const answer = Buffer.from(step.token).toString()
  const field = (name: string): string => new RegExp(`(?:^|,)${name}="?((?:[^"\\\\,]|\\\\.)*)`).exec(answer)?.[1] ?? ''
  assert.equal(field('username'), 'b\\"ob')
  assert.equal(field('digest-uri'), 'zookeeper/zk-sasl-md5')
  const proof = {
    user: 'b"ob',
    realm: 'zk-sasl-md5',
    password: 'pw',
    nonce: 'abc"d',
    cnonce: field('cnonce'),
    uri: 'zookeeper/zk-sasl-md5',
    authorizationId: undefined,
  }
  assert.equal(field('response'), digestMd5Proof(proof, 'AUTHENTICATE'))
  assert.throws(() => exchange.respond(Buffer.from('rspauth=0')), /does not know the password/)
  assert.deepEqual(exchange.respond(Buffer.from(`rspauth=${digestMd5Proof(proof, '')}`)), { token: null, done: true })
})

test('what is no challenge is refused', () => {
  const start = () => digestMd5({ user: 'bob', password: 'pw' }).start({ host: 'zk1', random: countingRandom() })
  for (const challenge of [
    '',
    'realm="x"',
    'nonce="x",algorithm=md5',
    'nonce="x",algorithm=md5-sess,qop="auth-conf"',
  ]) {
    assert.throws(() => start().respond(Buffer.from(challenge)), Error, challenge)
  }
  assert.throws(() => start().respond(null))
})

test('nothing else is sent before the exchange is over', async () => {
  const ensemble = new FakeEnsemble()
  const zk = ensemble.client('zk1', { sasl: digestMd5({ user: 'bob', password: 'pw' }) })
  zk.getData('/a').catch(() => {})
  await ensemble.clock.advance(0)
  const { peer } = ensemble
  peer.greet(1n)
  await settle()
  const first = peer.expect('sasl')
  assert.deepEqual([...(first.body.buffer() ?? [1])], [])
  peer.reply(first, { zxid: 0 }, (writer) => writer.buffer(Buffer.from(CHALLENGE)))
  await settle()
  const second = peer.expect('sasl')
  assert.match(Buffer.from(second.body.buffer() ?? []).toString(), /username="bob"/)
  assert.equal(zk.state, 'connecting')
  peer.reply(second, { zxid: 0, error: 'AUTHFAILED' })
  await settle()
  assert.equal(zk.state, 'closed')
  assert.deepEqual(peer.takeNames(), [])
})
