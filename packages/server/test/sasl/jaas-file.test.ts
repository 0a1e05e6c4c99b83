import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type JaasFile, parseJaas } from '../../dist/sasl/jaas-file.js'
import { loginSection } from '../../dist/sasl/login-section.js'

const KERBEROS = 'com.sun.security.auth.module.Krb5LoginModule required'

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
Keys { ${KERBEROS} useKeyTab=true keyTab="/etc/zk.keytab" storeKey=true principal="zookeeper/host@REALM"; };
UsualKeys { ${KERBEROS} useKeyTab=TRUE principal="zookeeper/host@REALM"; };
Tickets { ${KERBEROS} useTicketCache=true ticketCache="/tmp/cache" principal="zookeeper/host@REALM"; };
UsualTickets { ${KERBEROS} useTicketCache=true principal="zookeeper/host@REALM"; };
Nobody { ${KERBEROS} useKeyTab=true; };
NoKeys { ${KERBEROS} principal="zookeeper/host@REALM" useKeyTab=false; };
Both { DigestLoginModule required user_a=b; ${KERBEROS} useKeyTab=true; };
Other { org.example.LoginModule required; };
`

const FILE = parseJaas(TEXT) as JaasFile

test('users have the passwords that stand behind their names', () => {
  const section = loginSection(FILE, 'Server')
  assert.ok(section !== null && typeof section !== 'string' && section.mechanism === 'DIGEST-MD5')
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
  const section = loginSection(FILE, 'QuorumLearner')
  assert.ok(section !== null && typeof section !== 'string' && section.mechanism === 'DIGEST-MD5')
  assert.deepEqual(section.self, { user: 'me', password: 'mine' })
})

test('a section may be empty, or not be there', () => {
  assert.deepEqual(loginSection(FILE, 'Empty'), { mechanism: 'DIGEST-MD5', users: new Map(), self: null })
  assert.equal(loginSection(FILE, 'Client'), null)
})

test('a section of Kerberos names who the server is, and where its keys or tickets are', () => {
  const principal = 'zookeeper/host@REALM'
  const common = { mechanism: 'GSSAPI', principal }
  for (const [name, keyTab, ticketCache] of [
    ['Keys', '/etc/zk.keytab', null],
    ['UsualKeys', null, null],
    ['Tickets', null, '/tmp/cache'],
    ['UsualTickets', null, ''],
  ] as const) {
    assert.deepEqual(loginSection(FILE, name), { ...common, keyTab, ticketCache })
  }
})

for (const [name, problem] of [
  ['Nobody', /^Nobody does not name its principal$/],
  ['NoKeys', /^NoKeys has neither useKeyTab=true nor useTicketCache=true$/],
  ['Both', /^Both names .*Krb5LoginModule; either DigestLoginModule or one Krb5LoginModule is supported$/],
  ['Other', /^Other names org\.example\.LoginModule; either/],
] as const) {
  test(`the section ${name} is refused`, () => assert.match(String(loginSection(FILE, name)), problem))
}

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
