import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { KeyStoreError } from '../../dist/tls/key-store-error.js'
import { x509Subject } from '../../dist/tls/x509-subject.js'
import { fixtureText } from './fixtures.ts'

const certificate = (file: string): Uint8Array => {
  const text = fixtureText(file)
  return new X509Certificate(text.slice(text.indexOf('-----BEGIN CERT'))).raw
}

/** What Java 17's X500Principal.getName says of them. */
const SUBJECTS = {
  'alice.pem': 'CN=alice,OU=ops,O=acme',
  'ca.pem': 'CN=Test authority',
  'names.pem':
    'CN=\\#x\\ ,2.5.4.5=#130137,1.2.840.113549.1.9.1=#160b6140622e6578616d706c65,STREET=Weg 1,DC=example,' +
    'OU=a\\=b+UID=u1,O=\\ acme\\+co \\"quoted\\" \\<x\\>\\; \\#1\\\\\\ ,L=Zürich\\, am See,ST=Bayern,C=DE',
}

for (const [file, subject] of Object.entries(SUBJECTS)) {
  test(`the subject of ${file} has the letters that Java gives it`, () => {
    assert.equal(x509Subject(certificate(file)), subject)
  })
}

test('what is no certificate is refused', () => {
  const bytes = certificate('names.pem')
  assert.throws(() => x509Subject(new Uint8Array(0)), KeyStoreError)
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, byte) => {
      const damaged = Uint8Array.from(bytes)
      damaged[at] = byte
      try {
        x509Subject(damaged)
      } catch (error) {
        assert.ok(error instanceof KeyStoreError, String(error))
      }
    }),
  )
})
