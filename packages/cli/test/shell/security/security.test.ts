import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { parseInvocation } from '../../../dist/shell/invocation.js'
import { clientSettings, type SecurityFlags } from '../../../dist/shell/security/client-settings.js'
import { jaasLogin } from '../../../dist/shell/security/jaas.js'
import { CERTIFICATE, KEY, KEYTOOL_STORE } from './stores.ts'

const folder = mkdtempSync(join(tmpdir(), 'vivarium-security-'))
after(() => rmSync(folder, { recursive: true }))

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const FLAGS = parseFlags([])

/** The flags as the command line has them. */
function parseFlags(given: Partial<SecurityFlags>[]): SecurityFlags {
  return Object.assign({ tls: false, tlsAnyName: false } as SecurityFlags, ...given)
}

const settings = (properties: string, environment: NodeJS.ProcessEnv = {}, flags: Partial<SecurityFlags> = {}) =>
  clientSettings({ ...FLAGS, clientConfiguration: file('client.properties', properties), ...flags }, environment)

test('a JAAS configuration says who to be', () => {
  const text = `/* who */ Server { some.Module required; };
    Client { // we
      org.apache.zookeeper.server.auth.DigestLoginModule required
      username="bob" password='it is \\"secret\\"';
    };
    Other { com.sun.security.auth.module.Krb5LoginModule required useKeyTab=true
      keyTab="file:/bob.keytab" principal="bob@REALM"; };`
  assert.deepEqual(jaasLogin(text, 'Client'), {
    mechanism: 'DIGEST-MD5',
    user: 'bob',
    password: 'it is "secret"',
  })
  const kerberos = { mechanism: 'GSSAPI', principal: 'bob@REALM', keyTab: '/bob.keytab', ticketCache: null }
  assert.deepEqual(jaasLogin(text, 'Other'), kerberos)
  assert.match(String(jaasLogin(text, 'Server')), /some.Module; only DigestLoginModule and Krb5LoginModule/)
  assert.equal(jaasLogin(text, 'None'), null)
  assert.match(String(jaasLogin('A { x.DigestLoginModule required; };', 'A')), /no username or no password/)
  fc.assert(fc.property(fc.string(), (any) => void jaasLogin(`Client {${any}`, 'Client')))
})

test("the properties of Java's client mean what they mean there", () => {
  const pem = file('both.pem', `${KEY}${CERTIFICATE}`)
  const p12 = file('trust.p12', KEYTOOL_STORE)
  const key = file('password', 'secret1\n')
  assert.equal(settings('zookeeper.ssl.keyStore.location=/none\n').tls, undefined)
  const { tls, requestTimeoutMs, maxRequestBytes } = settings(`zookeeper.client.secure=true
zookeeper.ssl.keyStore.location=${pem}
zookeeper.ssl.trustStore.location=${p12}
zookeeper.ssl.trustStore.passwordPath=${key}
zookeeper.ssl.hostnameVerification=false
zookeeper.ssl.enabledProtocols=TLSv1.3,TLSv1.2
zookeeper.request.timeout=2500
jute.maxbuffer=0x200000
zookeeper.ssl.ciphersuites=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
`)
  assert.deepEqual([tls?.cert, tls?.verifyHostname, tls?.minVersion], [CERTIFICATE, false, 'TLSv1.2'])
  assert.match(String(tls?.key), /^-----BEGIN PRIVATE KEY-----\n/)
  assert.match(String(tls?.ciphers), /^ECDHE-RSA-AES128-GCM-SHA256$/)
  assert.match(String(tls?.ca), /^-----BEGIN CERTIFICATE-----\n/)
  assert.deepEqual([requestTimeoutMs, maxRequestBytes], [2500, 0x200000])
  const flagged = settings('', { CLIENT_JVMFLAGS: `-Dzookeeper.client.secure=true -Xmx1g` })
  assert.equal(flagged.tls?.verifyHostname, true)
  assert.equal(settings('zookeeper.client.secure=false', { JVMFLAGS: '-Dzookeeper.client.secure=true' }).tls, undefined)
})

test('what is not supported is refused rather than left out', () => {
  const store = file('t.p12', KEYTOOL_STORE)
  for (const [line, said] of [
    ['zookeeper.ssl.crl=true', /revoked certificates would not be noticed/],
    [`zookeeper.ssl.trustStore.location=${store}\nzookeeper.ssl.trustStore.type=BCFKS`, /BCFKS are not supported/],
    ['zookeeper.ssl.keyStore.location=/none/store.p12', /store\.p12 cannot be read: ENOENT/],
    [`zookeeper.ssl.trustStore.location=${store}`, /t\.p12 cannot be read: .*password/],
    [`zookeeper.ssl.keyStore.location=${file('x.pem', CERTIFICATE)}`, /there is no private key in it/],
    ['zookeeper.ssl.ciphersuites=TLS_NONE', /TLS_NONE cannot be had/],
    ['zookeeper.ssl.context.supplier.class=x.Y', /is code for Java/],
  ] as const) {
    assert.throws(() => settings(`zookeeper.client.secure=true\n${line}\n`), { message: said, exitCode: 2 })
  }
  assert.throws(() => parseInvocation(['-client-configuration', '/none']), { exitCode: 2, message: /cannot be read/ })
  assert.throws(() => parseInvocation(['--sasl-user', 'bob']), { exitCode: 2, message: /needs a password/ })
  assert.throws(() => parseInvocation(['--tls-ca', '/none', 'ls']), { exitCode: 2, message: /ENOENT/ })
})

test('our own options go before', () => {
  const pem = file('ca.pem', 'certificates')
  const { tls, sasl } = settings(
    'zookeeper.client.secure=false',
    { VIVARIUM_SASL_PASSWORD: 'x' },
    { tlsCa: pem, saslUser: 'bob' },
  )
  assert.deepEqual([tls?.caFile, tls?.verifyHostname, sasl?.name], [pem, true, 'DIGEST-MD5'])
  assert.deepEqual(parseInvocation(['--tls', 'ls', '/']).client.tls?.verifyHostname, true)
})
