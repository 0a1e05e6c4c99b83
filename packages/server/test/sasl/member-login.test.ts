import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createServerConfig } from '../../dist/index.js'
import type { Kerberos } from '../../dist/sasl/kerberos/kerberos.js'
import type { KerberosSection } from '../../dist/sasl/kerberos/kerberos-section.js'
import { memberLogin } from '../../dist/sasl/member-login.js'

const section: KerberosSection = {
  mechanism: 'GSSAPI',
  principal: 'zkquorum/zk1.example@REALM',
  keyTab: null,
  ticketCache: null,
}

/** A login whose Kerberos only remembers whom it is asked for. */
function login(quorumServicePrincipal: string, principal = section.principal) {
  const targets: string[] = []
  const exchange = { first: () => new Uint8Array(0), respond: () => null }
  const kerberos = {
    acceptor: () => () => ({ evaluate: () => ({ type: 'failed', reason: '' }) }),
    initiator: () => (target: string) => {
      targets.push(target)
      return exchange
    },
  } as unknown as Kerberos
  const config = createServerConfig({ dataDir: '/data', quorumLearnerRequiresSasl: true, quorumServicePrincipal })
  const memberHosts = (): string[] => ['zk1.example', 'zk2.example']
  const calling = { ...section, principal }
  const { call, authorizes } = memberLogin(config, { accepting: section, calling, kerberos, memberHosts })
  const target = (host: string): string | undefined => {
    call?.(host, { uint32: () => 0 } as never)
    return targets.at(-1)
  }
  return { authorizes, target }
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
] as const) {
  test(`${user}, acting as ${authorizationId}, is ${may ? 'a' : 'no'} member`, () => {
    assert.equal(login('zkquorum/_HOST').authorizes(user, authorizationId), may)
  })
}
