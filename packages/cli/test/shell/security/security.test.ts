import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { parseInvocation } from '../../../dist/shell/invocation.js'
import { clientSettings, type SecurityFlags } from '../../../dist/shell/security/client-settings.js'
import { jaasCredentials } from '../../../dist/shell/security/jaas.js'
import { pkcs12Certificates } from '../../../dist/shell/security/pkcs12.js'
import { KEYTOOL_STORE, LEGACY_STORE, OPENSSL_STORE } from './stores.ts'

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

test('the certificates of a PKCS#12 store are found, whoever wrote it', () => {
  for (const [store, password] of [
    [KEYTOOL_STORE, 'secret1'],
    [OPENSSL_STORE, 'secret2'],
  ] as const) {
    const certificates = pkcs12Certificates(store, password)
    assert.ok(Array.isArray(certificates))
    assert.deepEqual(
      certificates.map((der) => new X509Certificate(der).subject),
      ['CN=test'],
    )
  }
  assert.match(String(pkcs12Certificates(KEYTOOL_STORE, 'wrong')), /the password is wrong/)
  assert.match(String(pkcs12Certificates(LEGACY_STORE, 'secret1')), /in a manner of before PBES2/)
})

test('whatever the bytes, a store is read or refused', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(KEYTOOL_STORE.length - 1), fc.nat(255)), { maxLength: 3 }), (changes) => {
      const bytes = Buffer.from(KEYTOOL_STORE)
      for (const [at, value] of changes) bytes[at] = value
      const found = pkcs12Certificates(bytes, 'secret1')
      assert.ok(typeof found === 'string' || Array.isArray(found))
    }),
    { numRuns: 300 },
  )
})

test('a JAAS configuration says who to be', () => {
  const text = `/* who */ Server { some.Module required; };
    Client { // we
      org.apache.zookeeper.server.auth.DigestLoginModule required
      username="bob" password='it is \\"secret\\"';
    };
    Other { com.sun.security.auth.module.Krb5LoginModule required useKeyTab=true; };`
  assert.deepEqual(jaasCredentials(text, 'Client'), { user: 'bob', password: 'it is "secret"' })
  assert.match(String(jaasCredentials(text, 'Other')), /Krb5LoginModule; only DigestLoginModule is supported/)
  assert.equal(jaasCredentials(text, 'None'), null)
  assert.match(String(jaasCredentials('A { x.DigestLoginModule required; };', 'A')), /no username or no password/)
  fc.assert(fc.property(fc.string(), (any) => void jaasCredentials(`Client {${any}`, 'Client')))
})

test("the properties of Java's client mean what they mean there", () => {
  const pem = file('both.pem', 'certificates')
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
`)
  assert.deepEqual([tls?.certFile, tls?.keyFile, tls?.verifyHostname, tls?.minVersion], [pem, pem, false, 'TLSv1.2'])
  assert.match(String(tls?.ca), /^-----BEGIN CERTIFICATE-----\n/)
  assert.deepEqual([requestTimeoutMs, maxRequestBytes], [2500, 0x200000])
  const flagged = settings('', { CLIENT_JVMFLAGS: `-Dzookeeper.client.secure=true -Xmx1g` })
  assert.equal(flagged.tls?.verifyHostname, true)
  assert.equal(settings('zookeeper.client.secure=false', { JVMFLAGS: '-Dzookeeper.client.secure=true' }).tls, undefined)
})

test('what is not supported is refused rather than left out', () => {
  const jks = file('store.jks', Uint8Array.of(0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2))
  for (const [line, said] of [
    ['zookeeper.ssl.crl=true', /revoked certificates would not be noticed/],
    [`zookeeper.ssl.trustStore.location=${jks}`, /is a JKS store, which is not supported; keytool -importkeystore/],
    ['zookeeper.ssl.keyStore.location=/none/store.p12', /a store cannot be read: ENOENT/],
    [`zookeeper.ssl.keyStore.location=${jks}\nzookeeper.ssl.keyStore.type=BCFKS`, /JKS store|type BCFKS/],
    [`zookeeper.ssl.trustStore.location=${file('t.p12', KEYTOOL_STORE)}`, /the password is wrong/],
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
