import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createServerConfig, type SaslInitiator } from '../../dist/index.js'
import type { Kerberos } from '../../dist/sasl/kerberos/kerberos.js'
import type { KerberosSection } from '../../dist/sasl/kerberos/kerberos-section.js'
import { memberLogin } from '../../dist/sasl/member-login.js'

const section: KerberosSection = {
  mechanism: 'GSSAPI',
  principal: 'zkquorum/zk1.example@REALM',
  keyTab: null,
  ticketCache: null,
}

/** What hosts are called by the addresses they have. */
const CANONICAL: Readonly<Record<string, string>> = { 'zk1.example': 'host1.example', 'zk2.example': 'host2.example' }

/** A login whose Kerberos only remembers whom it is asked for. */
function login(quorumServicePrincipal: string, principal = section.principal, kerberosCanonicalizeHosts = false) {
  const targets: string[] = []
  let disposed = 0
  const exchange = {
    first: () => Uint8Array.of(1),
    respond: () => null,
    dispose: () => {
      disposed++
    },
  }
  const kerberos = {
    acceptor: () => () => ({ evaluate: () => ({ type: 'failed', reason: '' }) }),
    initiator: () => (target: string) => {
      targets.push(target)
      return exchange
    },
  } as unknown as Kerberos
  const config = createServerConfig({
    dataDir: '/data',
    quorumLearnerRequiresSasl: true,
    quorumServicePrincipal,
    kerberosCanonicalizeHosts,
  })
  const memberHosts = (): string[] => ['zk1.example', 'zk2.example']
  const calling = { ...section, principal }
  const { call, authorizes } = memberLogin(config, {
    accepting: section,
    calling,
    kerberos,
    memberHosts,
    canonicalName: async (host) => CANONICAL[host.toLowerCase()] ?? host,
  })
  const initiate = (host: string): SaslInitiator => {
    const initiator = call?.(host, { uint32: () => 0 } as never)
    assert.ok(initiator)
    return initiator
  }
  const target = (host: string): string | undefined => {
    initiate(host)
    return targets.at(-1)
  }
  return { authorizes, initiate, target, targets, disposed: () => disposed }
}

for (const [configured, principal, target] of [
  ['zkquorum/_HOST', section.principal, 'zkquorum/zk2.example@REALM'],
  // Java replaces only what the name ends with.
  ['zkquorum/_HOST@OTHER', section.principal, 'zkquorum/_HOST@OTHER'],
  ['zkquorum/localhost', section.principal, 'zkquorum/localhost@REALM'],
  ['zkquorum/localhost@OTHER', section.principal, 'zkquorum/localhost@OTHER'],
  ['zkquorum/_HOST', 'zkquorum/zk1.example', 'zkquorum/zk2.example'],
] as const) {
  test(`${principal} asks for ${target} where ${configured} is configured`, () => {
    assert.equal(login(configured, principal).target('ZK2.example'), target)
  })
}

for (const [user, authorizationId, may] of [
  ['zkquorum/zk2.example@REALM', 'zkquorum/zk2.example@REALM', true],
  ['zkquorum/zk2.example@REALM', 'zkquorum/zk1.example@REALM', false],
  ['zkquorum/elsewhere.example@REALM', 'zkquorum/elsewhere.example@REALM', false],
  ['zk2.example@REALM', 'zk2.example@REALM', false],
  ['a/zk2.example/b@REALM', 'a/zk2.example/b@REALM', false],
  ['zkquorum\\/zk2.example@REALM', 'zkquorum\\/zk2.example@REALM', false],
  ['a@zk2.example/REALM', 'a@zk2.example/REALM', false],
] as const) {
  test(`${user}, acting as ${authorizationId}, is ${may ? 'a' : 'no'} member`, () => {
    assert.equal(login('zkquorum/_HOST').authorizes(user, authorizationId), may)
  })
}

test('CVE-2023-44981: who has not all parts of a name is no member, whatever the others are', () => {
  const { authorizes } = login('zkquorum/_HOST')
  const part = fc.constantFrom('', 'zkquorum', 'zk1.example', 'zk2.example', 'REALM', 'zkquorum\\')
  const separator = fc.constantFrom('', '/', '@', '\\/', '\\@')
  fc.assert(
    fc.property(fc.array(fc.tuple(part, separator), { maxLength: 5 }), (parts) => {
      const user = parts.flat().join('')
      const whole = /^\w+(?:\.\w+)?\/(?:zk1|zk2)\.example@\w+(?:\.\w+)?$/.test(user)
      assert.equal(authorizes(user, user), whole, user)
    }),
    {
      examples: [
        [
          [
            ['zk2.example', '@'],
            ['REALM', ''],
          ],
        ],
      ],
    },
  )
  assert.equal(authorizes('zkquorum/zk2.example@REALM', 'zkquorum/zk2.example@REALM'), true)
})

test('a server that is called goes by the name of its address, where names are to be canonical', async () => {
  const { initiate, targets, disposed } = login('zkquorum/_HOST', section.principal, true)
  const exchange = initiate('ZK2.example')
  assert.deepEqual(await exchange.first(), Uint8Array.of(1))
  assert.equal(await exchange.respond(new Uint8Array(0)), null)
  assert.deepEqual(targets, ['zkquorum/host2.example@REALM'])
  exchange.dispose?.()
  assert.equal(disposed(), 1)
})

test('an exchange that is over before the name is known is not begun', async () => {
  const { initiate, disposed } = login('zkquorum/_HOST', section.principal, true)
  const exchange = initiate('zk2.example')
  const first = exchange.first()
  exchange.dispose?.()
  await assert.rejects(async () => first, /the connection has ended/)
  assert.equal(disposed(), 1)
})

test('no name is looked up where one principal is that of all', () => {
  const { target } = login('zkquorum/localhost', section.principal, true)
  assert.equal(target('zk2.example'), 'zkquorum/localhost@REALM')
})

for (const [user, may] of [
  ['zkquorum/host2.example@REALM', true],
  ['zkquorum/zk2.example@REALM', false],
  ['zkquorum/elsewhere.example@REALM', false],
] as const) {
  test(`${user} is ${may ? 'a' : 'no'} member where names are to be canonical`, async () => {
    assert.equal(await login('zkquorum/_HOST', section.principal, true).authorizes(user, user), may)
  })
}
