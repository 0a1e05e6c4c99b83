import assert from 'node:assert/strict'
import { test } from 'node:test'
import { saslProvider } from '@vivarium/core'
import { CREATOR_ALL_ACL, Writer } from '@vivarium/protocol'
import type { SaslResult } from '../../dist/sasl/exchange.js'
import type { ClientSasl } from '../../dist/sasl/load-sasl.js'
import { bytes, create, Harness, isDropped, isEnded, look, requestFrame } from './harness.ts'

const auth = (scheme: string | null, credentials: string | null) => ({
  type: 0,
  scheme,
  auth: credentials === null ? null : Buffer.from(credentials),
})

test('auth holds for what comes behind it, and is answered at once', () => {
  const harness = new Harness()
  const [bob, eve] = [harness.client(), harness.client()]
  bob.receive(bob.frame('create', create('/x')), requestFrame(-4, 'auth', auth('digest', 'bob:secret')))
  assert.deepEqual(bob.replies(), ['-4'])
  harness.sync()
  assert.deepEqual(bob.replies(), ['1'])
  bob.ask('create', { ...create('/bob'), acl: CREATOR_ALL_ACL })
  assert.deepEqual(eve.ask('getData', look('/bob')), ['1:NOAUTH'])
  assert.deepEqual(bob.ask('getData', look('/bob')), ['3'])
  const { identities } = bob.connection
  bob.receive(requestFrame(-4, 'auth', auth('digest', 'bob:secret')))
  assert.equal(bob.connection.identities, identities)
  bob.receive(requestFrame(-4, 'auth', auth('digest', 'amy:secret')))
  assert.equal(bob.connection.identities.length, 3)
})

test('auth that fails is answered, and the connection closed', () => {
  const failing = {
    scheme: 'failing',
    isAuthenticated: true,
    authenticate(): never {
      throw new Error('out of order')
    },
    isValid: () => false,
    matches: () => false,
    userName: (id: string) => id,
  }
  for (const packet of [auth('nobody', 'x'), auth(null, 'x'), auth('failing', 'x')]) {
    const harness = new Harness({ providers: [failing] })
    const peer = harness.client()
    peer.receive(requestFrame(-4, 'auth', packet), peer.frame('ping'))
    assert.deepEqual(peer.replies(), ['-4:AUTHFAILED'])
    assert.ok(isEnded(peer))
    assert.equal(harness.counts.get('authFailed'), 1)
  }
})

test('a malformed auth or SASL packet ends the connection', () => {
  for (const opcode of [100, 102]) {
    const peer = new Harness().client()
    peer.receive(bytes(10, -4, opcode), new Uint8Array(2))
    assert.ok(isDropped(peer))
    assert.deepEqual(peer.replies(), [])
  }
})

test('a client that belongs to another ensemble is closed without a word', () => {
  const elsewhere = {
    scheme: 'ensemble',
    isAuthenticated: false,
    authenticate: () => 'CLOSE' as const,
    isValid: () => false,
    matches: () => false,
    userName: (id: string) => id,
  }
  const peer = new Harness({ providers: [elsewhere] }).client()
  peer.receive(requestFrame(-4, 'auth', auth('ensemble', 'x')))
  assert.ok(isDropped(peer))
  assert.deepEqual(peer.replies(), [])
})

test('SASL without a mechanism succeeds with nothing to say', () => {
  const peer = new Harness().client()
  peer.receive(requestFrame(7, 'sasl', { token: Buffer.from('x') }))
  const expected = new Writer()
  for (const value of [20, 7, 0, 0, 0, -1]) expected.int(value)
  assert.deepEqual(peer.socket.take(), Buffer.from(expected.finish()))
})

test('where authentication is enforced, nothing goes before it', () => {
  const harness = new Harness({ limits: { requiredSchemes: ['digest'] } })
  const peer = harness.client()
  peer.receive(requestFrame(-4, 'auth', auth('digest', 'bob:secret')), peer.frame('ping'))
  assert.deepEqual(peer.replies(), ['-4', '-2'])
  const nobody = harness.client()
  nobody.receive(nobody.frame('ping'), nobody.frame('ping'))
  assert.deepEqual(nobody.replies(), ['1:SESSIONCLOSEDREQUIRESASLAUTH'])
  assert.ok(isEnded(nobody))
})

/** A mechanism whose answer comes when the test says so. */
function slowSasl(): { readonly sasl: ClientSasl; settle(result: SaslResult): Promise<void> } {
  let resolve: (result: SaslResult) => void = () => {}
  const sasl: ClientSasl = {
    start: () => ({
      evaluate: () =>
        new Promise<SaslResult>((settled) => {
          resolve = settled
        }),
    }),
    identities: (user) => [{ scheme: 'sasl', id: user }],
    allowFailed: false,
    required: false,
  }
  const settle = async (result: SaslResult): Promise<void> => {
    resolve(result)
    await Promise.resolve()
    await Promise.resolve()
  }
  return { sasl, settle }
}

test('what is sent behind a token waits until it is clear who the client is', async () => {
  const { sasl, settle } = slowSasl()
  const harness = new Harness({ sasl, providers: [saslProvider()] })
  const bob = harness.client()
  bob.receive(bob.frame('sasl', { token: Buffer.from('a') }), bob.frame('whoAmI'))
  assert.equal(bob.connection.reading, false)
  assert.deepEqual(bob.replies(), [])
  await settle({ type: 'authenticated', token: null, user: 'bob', authorizationId: 'bob' })
  assert.deepEqual(bob.replies(), ['1', '2'])
  assert.deepEqual(bob.connection.identities.at(-1), { scheme: 'sasl', id: 'bob' })
  assert.equal(bob.connection.reading, true)
})

test('who fails, or has gone meanwhile, is answered nothing more', async () => {
  for (const gone of [true, false]) {
    const { sasl, settle } = slowSasl()
    const harness = new Harness({ sasl, providers: [saslProvider()] })
    const eve = harness.client()
    eve.receive(eve.frame('sasl', { token: Buffer.from('a') }), eve.frame('whoAmI'))
    if (gone) eve.connection.drop('a test')
    await settle({ type: 'failed', reason: 'a test' })
    assert.deepEqual(eve.replies(), gone ? [] : ['1:AUTHFAILED'])
    assert.ok(gone ? isDropped(eve) : isEnded(eve))
  }
})
