import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type GssapiOptions, gssapi, type KerberosPackage } from '../../dist/index.js'
import { countingRandom } from '../fake/fake-ensemble.ts'

const base64 = (text: string): string => Buffer.from(text, 'latin1').toString('base64')
const fromBase64 = (text: string): string => Buffer.from(text, 'base64').toString('latin1')
const textOf = (token: Uint8Array | null): string => Buffer.from(token ?? []).toString('latin1')

/** The package `kerberos` without secrets, and what it was asked for. */
function fakeKerberos() {
  const asked: unknown[] = []
  const kerberos: KerberosPackage = {
    async initializeClient(service, options) {
      asked.push(service, options)
      const client = {
        contextComplete: false,
        async step(challenge: string) {
          if (challenge === '') return base64('ticket')
          if (fromBase64(challenge) !== 'proof') throw new Error('that is no proof')
          client.contextComplete = true
          return null
        },
        unwrap: async (challenge: string) => base64(fromBase64(challenge).slice(1, -1)),
        wrap: async (_offer: string, { user }: { user: string }) => base64(`(${user})`),
      }
      return client
    },
  }
  return { asked, kerberos }
}

const start = (kerberos: KerberosPackage, options?: GssapiOptions) =>
  gssapi(kerberos, options).start({ host: 'zk1', random: countingRandom() })

test('client and server prove to each other who they are', async () => {
  const { asked, kerberos } = fakeKerberos()
  const exchange = start(kerberos)
  assert.equal(textOf(await exchange.first()), 'ticket')
  assert.deepEqual(await exchange.respond(Buffer.from('proof')), { token: Buffer.alloc(0), done: false })
  const last = await exchange.respond(Buffer.from('[\x07\0\xff\xff]', 'latin1'))
  assert.deepEqual([textOf(last.token), last.done], ['()', true])
  assert.deepEqual(asked, ['zookeeper@zk1', {}])
})

test('service, host, and both names can be chosen', async () => {
  const { asked, kerberos } = fakeKerberos()
  const names = { service: 'zk', host: 'other', principal: 'bob@REALM', authorizationId: 'alice' }
  const exchange = start(kerberos, names)
  await exchange.first()
  await exchange.respond(Buffer.from('proof'))
  assert.equal(textOf((await exchange.respond(Buffer.from('[\x01\0\0\0]', 'latin1'))).token), '(alice)')
  assert.deepEqual(asked, ['zk@other', { principal: 'bob@REALM' }])
})

test('a server that proves nothing, has no SASL, or asks for more than authentication is not believed', async () => {
  const { kerberos } = fakeKerberos()
  const exchange = start(kerberos)
  await exchange.first()
  await assert.rejects(async () => exchange.respond(null), /no SASL configured/)
  await assert.rejects(async () => exchange.respond(Buffer.from('guess')), /no proof/)
  await exchange.respond(Buffer.from('proof'))
  await assert.rejects(async () => exchange.respond(Buffer.from('[\x06\0\0\0]', 'latin1')), /more than authentication/)
})
