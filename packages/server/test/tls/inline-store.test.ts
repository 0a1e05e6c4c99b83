import assert from 'node:assert/strict'
import { createPrivateKey } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseProperties } from '../../dist/config/properties.js'
import { inlineBytes } from '../../dist/tls/inline-store.js'
import { type KeyPair, keyPairOf, readKeyStore } from '../../dist/tls/key-store.js'
import { fixtureBytes, fixtureText, PASSWORD } from './fixtures.ts'

const read = (text: string | Uint8Array): KeyPair => {
  const bytes = inlineBytes(text)
  assert.ok(bytes)
  return keyPairOf(readKeyStore(bytes, PASSWORD))
}

/** What a text has become on its way into a variable, or through a file of properties. */
const FORMS: Readonly<Record<string, (pem: string) => string>> = {
  'as in its file': (pem) => pem,
  'with the line breaks of Windows': (pem) => pem.replaceAll('\n', '\r\n'),
  'with line breaks of two characters': (pem) => pem.replaceAll('\n', '\\n'),
  'with such line breaks of Windows': (pem) => pem.replaceAll('\n', '\\r\\n'),
  'with blanks for line breaks': (pem) => pem.replaceAll('\n', ' '),
  'without line breaks': (pem) => pem.replaceAll('\n', ''),
  'with escapes of a properties file': (pem) => asProperty(pem.replaceAll('\n', '\\n')),
  'with lines of a properties file that go on': (pem) => asProperty(pem.trim().replaceAll('\n', '\\\n')),
  'with both': (pem) => asProperty(pem.trim().replaceAll('\n', '\\n\\\n    ')),
  'in base64': (pem) => Buffer.from(pem).toString('base64'),
}

function asProperty(value: string): string {
  const { properties, errors } = parseProperties(`tickTime=1\nstore=${value}\nsyncLimit=2\n`)
  assert.deepEqual([properties.length, errors], [3, []])
  return properties[1]?.value ?? ''
}

for (const file of ['server.pem', 'encrypted.pem']) {
  const expected = keyPairOf(readKeyStore(fixtureBytes(file), PASSWORD))
  for (const [form, changed] of Object.entries(FORMS)) {
    test(`${file} is read ${form}`, () => assert.deepEqual(read(changed(fixtureText(file))), expected))
  }
}

for (const file of ['server.p12', 'server-java.p12', 'server.jks']) {
  const base64 = fixtureBytes(file).toString('base64')
  const expected = keyPairOf(readKeyStore(fixtureBytes(file), PASSWORD))
  test(`${file} is read in base64, on one line or several`, () => {
    assert.deepEqual(read(base64), expected)
    for (const lineBreak of ['\n', '\r\n', '\\n', ' ']) {
      assert.deepEqual(read(base64.replace(/.{76}/g, `$&${lineBreak}`)), expected)
    }
  })
  test(`the bytes of ${file} are taken as they are`, () => assert.deepEqual(read(fixtureBytes(file)), expected))
}

test('revocation lists may be among the certificates', () => {
  const bytes = inlineBytes(fixtureText('ca-with-list.pem').replaceAll('\n', ' '))
  const { trusted, revoked } = readKeyStore(bytes ?? Buffer.alloc(0), '')
  assert.deepEqual([trusted.length, revoked.length], [1, 1])
})

test('a key that was locked before there was PKCS#8 keeps its headers', () => {
  const key = createPrivateKey(fixtureText('server.pem'))
  const type = key.asymmetricKeyType === 'rsa' ? 'pkcs1' : 'sec1'
  const locked = key.export({ type, format: 'pem', cipher: 'aes-256-cbc', passphrase: PASSWORD }).toString()
  assert.match(locked, /Proc-Type: 4,ENCRYPTED/)
  const certificates = fixtureText('server.pem').replace(/-----BEGIN \w* ?PRIVATE KEY.*?PRIVATE KEY-----/s, '')
  const expected = read(fixtureText('server.pem'))
  for (const form of ['with line breaks of two characters', 'with blanks for line breaks']) {
    assert.deepEqual(read(FORMS[form]!(`${locked}${certificates}`)), expected)
  }
})

for (const text of ['/etc/zookeeper/server.pem', 'secret!', '-----BEGIN CERTIFICATE-----', 'AAA=A', '====']) {
  test(`${text} is neither PEM nor base64`, () => assert.equal(inlineBytes(text), null))
}

test('any text is a store or none, and nothing else happens', () => {
  const pieces = [
    '-----BEGIN ',
    'X',
    '-----',
    '-----END ',
    '\\n',
    ' ',
    'Proc-Type: ',
    '4,ENCRYPTED ',
    'DEK-Info: ',
    'AA==',
  ]
  const text = fc.oneof(
    fc.string(),
    fc.array(fc.constantFrom(...pieces), { maxLength: 30 }).map((all) => all.join('')),
  )
  fc.assert(fc.property(text, (any) => inlineBytes(any) === null || inlineBytes(any) instanceof Uint8Array))
})
