import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SaslResult } from '../../../dist/sasl/exchange.js'
import type { Handle, Mechanism } from '../../../dist/sasl/kerberos/gssapi.js'
import { GssapiAcceptor } from '../../../dist/sasl/kerberos/gssapi-acceptor.js'
import { GssapiInitiator } from '../../../dist/sasl/kerberos/gssapi-initiator.js'
import { OneAtATime } from '../../../dist/sasl/kerberos/security-context.js'

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1')
const textOf = (token: Uint8Array | null): string => Buffer.from(token ?? []).toString('latin1')

/** Kerberos without secrets: tokens say what they are. */
class OpenMechanism implements Mechanism {
  deleted = 0
  /** Whether the server proves itself, too. */
  readonly #mutual: boolean
  /** Settled before any step goes on. */
  readonly #pause: Promise<void>

  constructor(mutual = true, pause: Promise<void> = Promise.resolve()) {
    this.#mutual = mutual
    this.#pause = pause
  }

  async accept(_context: unknown, _credential: Handle, token: Uint8Array) {
    await this.#pause
    if (textOf(token) !== 'ticket') throw new Error('that is no ticket')
    return { token: bytes(this.#mutual ? 'proof' : ''), complete: true, user: 'alice@REALM' }
  }

  async initiate(_context: unknown, _credential: Handle, _target: Handle, token: Uint8Array) {
    if (token.length === 0) return { token: bytes('ticket'), complete: !this.#mutual }
    if (textOf(token) !== 'proof') throw new Error('that is no proof')
    return { token: bytes(''), complete: true }
  }

  wrap(_context: unknown, message: Uint8Array): Uint8Array {
    return bytes(`[${textOf(message)}]`)
  }

  unwrap(_context: unknown, token: Uint8Array): Uint8Array {
    const text = textOf(token)
    if (!/^\[.*\]$/s.test(text)) throw new Error('that is not wrapped')
    return bytes(text.slice(1, -1))
  }

  delete(): void {
    this.deleted++
  }
}

let released = 0
const handle = (): Handle => ({ address: 1n, release: () => void released++ })
const acceptor = (mechanism: Mechanism): GssapiAcceptor => new GssapiAcceptor(mechanism, new OneAtATime(), handle())

for (const mutual of [true, false]) {
  test(`two servers find out who they are, ${mutual ? 'both of them' : 'or one of them'}`, async () => {
    const mechanism = new OpenMechanism(mutual)
    const called = acceptor(mechanism)
    const calling = new GssapiInitiator(mechanism, new OneAtATime(), handle(), handle())
    let token: Uint8Array | null = await calling.first()
    let result: SaslResult = { type: 'failed', reason: '' }
    for (let rounds = 0; token !== null && rounds < 5; rounds++) {
      result = await called.evaluate(token)
      if (result.type === 'authenticated') break
      assert.ok(result.type === 'challenge')
      token = await calling.respond(result.token)
    }
    assert.deepEqual(result, {
      type: 'authenticated',
      token: null,
      user: 'alice@REALM',
      authorizationId: 'alice@REALM',
    })
    assert.equal(await calling.respond(new Uint8Array(0)), null)
    const before = released
    calling.dispose()
    calling.dispose()
    assert.deepEqual([mechanism.deleted, released - before], [2, 2])
  })
}

/** What becomes of the last of some tokens. */
async function after(...tokens: readonly string[]): Promise<string> {
  const called = acceptor(new OpenMechanism())
  let result: SaslResult | undefined
  for (const token of tokens) result = await called.evaluate(bytes(token))
  if (result?.type === 'failed') return result.reason
  return result?.type === 'authenticated'
    ? `${result.user} as ${result.authorizationId}`
    : textOf(result?.token ?? null)
}

for (const [name, tokens, outcome] of [
  ['no ticket', ['rubbish'], 'that is no ticket'],
  ['nothing', [''], 'that is no ticket'],
  ['a token too long', ['x'.repeat(65_537)], 'a token of 65537 bytes'],
  ['something where nothing is left to say', ['ticket', 'more'], 'a token where none is left to be sent'],
  ['a choice that is not wrapped', ['ticket', '', '\x01\0\0\0'], 'that is not wrapped'],
  ['a choice of encryption', ['ticket', '', '[\x04\0\xff\xff]'], 'more than authentication is asked for'],
  ['a choice that is too short', ['ticket', '', '[\x01]'], 'more than authentication is asked for'],
  ['another name', ['ticket', '', '[\x01\0\0\0root]'], 'alice@REALM as root'],
  ['anything after the end', ['ticket', '', '[\x01\0\0\0]', '[\x01\0\0\0]'], 'the exchange is over'],
  ['a new beginning after a failure', ['rubbish', 'ticket'], 'the exchange is over'],
] as const) {
  test(`a client that sends ${name}: ${outcome}`, async () => assert.equal(await after(...tokens), outcome))
}

test('a server that proves nothing, or offers no plain authentication, is not believed', async () => {
  const calling = (): GssapiInitiator => new GssapiInitiator(new OpenMechanism(), new OneAtATime(), handle(), handle())
  const wrong = calling()
  await wrong.first()
  await assert.rejects(wrong.respond(bytes('guess')), /that is no proof/)
  const encrypting = calling()
  await encrypting.first()
  await encrypting.respond(bytes('proof'))
  await assert.rejects(encrypting.respond(bytes('[\x06\0\xff\xff]')), /asks for more than authentication/)
})

test('what another thread works on is deleted after it', async () => {
  let goOn: () => void = () => {}
  const pause = new Promise<void>((resolve) => {
    goOn = resolve
  })
  const mechanism = new OpenMechanism(true, pause)
  const called = acceptor(mechanism)
  const result = called.evaluate(bytes('ticket'))
  await Promise.resolve()
  called.dispose()
  assert.equal(mechanism.deleted, 0)
  goOn()
  await result
  assert.equal(mechanism.deleted, 1)
})

test('one after the other takes its turn, failed ones too', async () => {
  const queue = new OneAtATime()
  const seen: string[] = []
  const task = (name: string) => async () => {
    seen.push(`${name} begins`)
    await Promise.resolve()
    seen.push(`${name} ends`)
    if (name === 'b') throw new Error('no')
    return name
  }
  const results = await Promise.allSettled(['a', 'b', 'c'].map((name) => queue.run(task(name))))
  assert.deepEqual(seen, ['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'])
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  )
})
