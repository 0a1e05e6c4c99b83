import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  CLIENT_DIGEST_MD5,
  DigestMd5Client,
  type DigestMd5Credentials,
  type DigestMd5Result,
  DigestMd5Server,
  digestMd5Proof,
} from '../../dist/index.js'

test('proofs are those of the example in RFC 2831', () => {
  const of = {
    user: 'chris',
    realm: 'elwood.innosoft.com',
    password: 'secret',
    nonce: 'OA6MG9tEQGm2hh',
    cnonce: 'OA6MHXh6VqTrRk',
    uri: 'imap/elwood.innosoft.com',
    authorizationId: undefined,
  }
  assert.equal(digestMd5Proof(of, 'AUTHENTICATE'), 'd388dad90d4bbd760a152321f2143af7')
  assert.equal(digestMd5Proof(of, ''), 'ea40f60335c427b5527b84dbabcdfffd')
})

const NONCE = 'bm9uY2U='
const PASSWORDS: Readonly<Record<string, string>> = { bob: 'secret', 'J"ürgen': 'pässword', эва: 'пароль' }

const server = (): DigestMd5Server => new DigestMd5Server(CLIENT_DIGEST_MD5, NONCE, (user) => PASSWORDS[user])

const tokenOf = (result: DigestMd5Result): Uint8Array => {
  assert.notEqual(result.type, 'failed')
  return (result as { token: Uint8Array }).token
}

/** What the server makes of a client's answer to its challenge. */
function answered(credentials: DigestMd5Credentials, change = (answer: string): string => answer): DigestMd5Result {
  const [client, own] = [new DigestMd5Client(credentials, CLIENT_DIGEST_MD5, 'Y25vbmNl'), server()]
  const answer = client.respond(tokenOf(own.evaluate(new Uint8Array(0)))) as Uint8Array
  const result = own.evaluate(Buffer.from(change(Buffer.from(answer).toString())))
  if (result.type === 'authenticated') assert.equal(client.respond(result.token), null)
  return result
}

for (const [user, password] of Object.entries(PASSWORDS)) {
  test(`${user} and the server prove themselves to each other`, () => {
    const result = answered({ user, password })
    assert.deepEqual({ ...result, token: null }, { type: 'authenticated', token: null, user, authorizationId: user })
  })
}

test('a user may ask to act as another', () => {
  const result = answered({ user: 'bob', password: 'secret', authorizationId: 'eve' })
  assert.equal(result.type === 'authenticated' && result.authorizationId, 'eve')
})

test('who does not know the password, or is not known, hears the same', () => {
  const reason = 'the user is not known, or the password is wrong'
  assert.deepEqual(answered({ user: 'bob', password: 'guess' }), { type: 'failed', reason })
  assert.deepEqual(answered({ user: 'eve', password: '' }), { type: 'failed', reason })
})

for (const [from, to] of [
  [NONCE, 'b3RoZXI='],
  ['nc=00000001', 'nc=00000002'],
  ['zookeeper/zk-sasl-md5', 'zookeeper-quorum/zk-sasl-md5'],
  ['realm="zk-sasl-md5"', 'realm="other"'],
  ['qop=auth', 'qop=auth-conf'],
  ['cnonce=', 'xnonce='],
  ['username="bob"', 'username="super"'],
] as const) {
  test(`an answer does not hold with ${to}`, () => {
    const changed = answered({ user: 'bob', password: 'secret' }, (answer) => answer.replace(from, to))
    assert.equal(changed.type, 'failed')
  })
}

test('an exchange is used once', () => {
  const own = server()
  assert.equal(own.evaluate(Buffer.from('x')).type, 'failed')
  assert.equal(own.evaluate(new Uint8Array(0)).type, 'failed')
})

test('whatever is answered, the server does not throw, and nobody gets in', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.string(), (bytes, text) => {
      for (const answer of [bytes, Buffer.from(text)]) {
        const own = server()
        own.evaluate(new Uint8Array(0))
        assert.equal(own.evaluate(answer).type, 'failed')
      }
    }),
  )
})
