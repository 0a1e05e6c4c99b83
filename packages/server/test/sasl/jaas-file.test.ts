import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { digestSection } from '../../dist/sasl/digest-users.js'
import { type JaasFile, parseJaas } from '../../dist/sasl/jaas-file.js'

const TEXT = `
/* Who may
   come. */
Server {
  org.apache.zookeeper.server.auth.DigestLoginModule required
  user_super="admin\\"s; // no comment"
  user_bob='bobsecret'
  user_eve = plain; // the last
};
# nobody
Empty { };
QuorumLearner { DigestLoginModule required username="me" password="mine"; };
Kerberos { com.sun.security.auth.module.Krb5LoginModule required useKeyTab=true; };
`

const FILE = parseJaas(TEXT) as JaasFile

test('users have the passwords that stand behind their names', () => {
  const section = digestSection(FILE, 'Server')
  assert.ok(section !== null && typeof section !== 'string')
  assert.deepEqual(
    [...section.users],
    [
      ['super', 'admin"s; // no comment'],
      ['bob', 'bobsecret'],
      ['eve', 'plain'],
    ],
  )
  assert.equal(section.self, null)
})

test('a section may say who the server is', () => {
  const section = digestSection(FILE, 'QuorumLearner')
  assert.ok(section !== null && typeof section !== 'string')
  assert.deepEqual(section.self, { user: 'me', password: 'mine' })
})

test('a section may be empty, or not be there', () => {
  assert.deepEqual(digestSection(FILE, 'Empty'), { users: new Map(), self: null })
  assert.equal(digestSection(FILE, 'Client'), null)
})

test('other login modules are not supported', () => {
  assert.match(String(digestSection(FILE, 'Kerberos')), /^Kerberos names .*Krb5LoginModule; DigestLoginModule alone/)
})

for (const [text, problem] of [
  ['Server', 'line 1: a section: Name { …; }; is expected'],
  ['\n\nServer { A required }', 'line 3: an option, or a semicolon, in Server is expected'],
  ['Server { A mandatory; };', 'line 1: a login module in Server is expected'],
  ['Server { A required user_x=; };', 'line 1: the value of user_x in Server is expected'],
  ['Server { A required; }', 'line 1: a semicolon behind Server is expected'],
  ['Server { A required user_x="open; };', 'line 1: the value of user_x in Server is expected'],
  ['A { }; A { };', 'the section A stands there twice'],
] as const) {
  test(`what is wrong with ${JSON.stringify(text)} is said, and no secret`, () =>
    assert.equal(parseJaas(text), problem))
}

test('any text is read, or refused', () => {
  const words = fc.constantFrom(
    'Server',
    '{',
    '}',
    ';',
    '=',
    '"',
    "'",
    'required',
    'user_a="b"',
    '/*',
    '*/',
    '//',
    '\n',
    ' ',
  )
  fc.assert(fc.property(fc.array(words), (parts) => void parseJaas(parts.join(''))))
  fc.assert(fc.property(fc.string(), (text) => void parseJaas(text)))
})
