import assert from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { type KeyStore, keyPairOf, readKeyStore } from '../../dist/tls/key-store.js'
import { KeyStoreError } from '../../dist/tls/key-store-error.js'
import { fixtureBytes, fixtureText, PASSWORD } from './fixtures.ts'

/** The key of the certificate for `localhost`, as it is in every format. */
const KEY = createPrivateKey(fixtureText('server.pem')).export({ type: 'pkcs8', format: 'pem' })
const SUBJECT = 'O=acme\nOU=zoo\nCN=localhost'

const subjects = (certificates: readonly X509Certificate[]): string[] => certificates.map(({ subject }) => subject)

const read = (file: string, password = PASSWORD): KeyStore => readKeyStore(fixtureBytes(file), password)

for (const file of ['server.pem', 'encrypted.pem', 'server.p12', 'server-3des.p12', 'server-java.p12', 'server.jks']) {
  test(`${file} has the key of the server, and its certificate`, () => {
    const pair = keyPairOf(read(file))
    assert.equal(pair.key, KEY)
    assert.equal(new X509Certificate(pair.certificates).subject, SUBJECT)
  })
}

for (const file of ['encrypted.pem', 'server.p12', 'server-java.p12', 'server.jks']) {
  test(`the chain of ${file} goes from the server's certificate to that of the authority`, () => {
    assert.equal(keyPairOf(read(file)).certificates.match(/BEGIN CERTIFICATE/g)?.length, 2)
  })
}

for (const file of ['ca.pem', 'trust.p12', 'trust-openssl.p12', 'trust.jks']) {
  test(`${file} has whom to believe, and no key`, () => {
    const store = read(file)
    assert.deepEqual(subjects(store.trusted), ['CN=Test authority'])
    assert.throws(() => keyPairOf(store), /there is no private key in it/)
  })
}

test('a PEM file may have revocation lists', () => assert.equal(read('ca-with-list.pem').revoked.length, 1))

for (const file of ['encrypted.pem', 'server.p12', 'server-java.p12', 'server.jks', 'trust.p12', 'trust.jks']) {
  test(`${file} is not read with another password`, () => {
    assert.throws(() => read(file, 'wrong'), KeyStoreError)
  })
}

test('what is encrypted too weakly is said to be', () => {
  assert.throws(() => read('server-rc2.p12'), /given up as too weak .*; write it anew/)
})

test('what is no store is said to be none', () => {
  assert.throws(() => readKeyStore(Buffer.from('hello'), ''), /neither PEM nor PKCS#12 nor JKS/)
  assert.throws(() => readKeyStore(Buffer.alloc(0), ''), KeyStoreError)
})

test('a key without its certificate is of no use', () => {
  assert.throws(() => keyPairOf(read('ca.key')), /no certificate for its private key/)
})

for (const file of ['server.p12', 'server-3des.p12', 'trust.p12', 'server.jks', 'trust.jks', 'server.pem']) {
  test(`a damaged ${file} is refused, or read, and nothing else happens`, () => {
    const bytes = fixtureBytes(file)
    const damage = fc.tuple(fc.nat(bytes.length - 1), fc.nat(255), fc.nat(bytes.length))
    fc.assert(
      fc.property(damage, ([at, byte, length]) => {
        const damaged = Buffer.from(bytes)
        damaged[at] = byte
        for (const input of [damaged, damaged.subarray(0, length)]) {
          try {
            readKeyStore(input, PASSWORD)
          } catch (error) {
            assert.ok(error instanceof KeyStoreError, String(error))
          }
        }
      }),
      { numRuns: 60 },
    )
  })
}
