import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { StartError } from '../../dist/index.js'
import { acl, auth, create, look } from '../protocol/requests.ts'
import { startStandalone, temporaryDirectory } from '../standalone/standalone.ts'

/** Who knows the right word has the identity `team:<word>`. */
const TEAM = `
export default {
  scheme: 'team',
  isAuthenticated: true,
  authenticate(credentials, address) {
    const word = new TextDecoder().decode(credentials)
    if (word === 'throw') throw new Error('no more')
    if (word === 'nonsense') return [{ scheme: 'team' }]
    if (word === 'later') return Promise.resolve([])
    return word.startsWith('known-') ? [{ scheme: 'team', id: word }] : 'AUTHFAILED'
  },
  isValid(id) { if (id === 'throw') throw new Error('no more'); return id.startsWith('known-') },
  matches: (id, expression) => id === expression,
  userName: (id) => id,
}
`

function moduleOf(t: TestContext, text: string): string {
  const path = join(temporaryDirectory(t), 'provider.mjs')
  writeFileSync(path, text)
  return path
}

test('a scheme of one’s own lets in whom it knows', async (t) => {
  const server = await startStandalone(t, { 'authProvider.team': moduleOf(t, TEAM) })
  const one = await server.client()
  await one.do('auth', auth('team', 'known-one'))
  await one.do('create', create('/team', { acl: [acl(31, 'team', 'known-one')] }))
  await one.do('create', create('/own', { acl: [acl(31, 'auth', '')] }))
  const other = await server.client()
  await other.do('auth', auth('team', 'known-other'))
  for (const path of ['/team', '/own']) {
    await one.do('getData', look(path))
    assert.equal((await other.ask('getData', look(path))).code, 'NOAUTH')
  }
  for (const id of ['unknown', 'throw']) {
    assert.equal((await one.ask('create', create('/bad', { acl: [acl(31, 'team', id)] }))).code, 'INVALIDACL')
  }
})

test('what a scheme of one’s own throws, or makes up, lets nobody in', async (t) => {
  const server = await startStandalone(t, { 'authProvider.team': moduleOf(t, TEAM) })
  for (const word of ['unknown', 'throw', 'nonsense', 'later']) {
    const client = await server.client()
    assert.equal((await client.ask('auth', auth('team', word))).code, 'AUTHFAILED', word)
  }
  await (await server.client()).do('exists', look('/'))
})

for (const [what, text, message] of [
  ['is not there', null, /Cannot find module/],
  ['is no JavaScript', 'export default {', /Unexpected end/],
  ['exports nothing', '', /its default export has to have scheme, isAuthenticated, authenticate/],
  ['lacks something', TEAM.replace('userName:', 'name:'), /its default export has to have/],
  ['has a scheme that is taken', TEAM.replace("'team'", "'digest'"), /the scheme digest is taken/],
] as const) {
  test(`a server does not start with a provider that ${what}`, async (t) => {
    const path = text === null ? '/nowhere/provider.mjs' : moduleOf(t, text)
    await assert.rejects(startStandalone(t, { 'authProvider.1': path }), (error) => {
      assert.ok(error instanceof StartError, String(error))
      assert.match(error.message, message)
      return true
    })
  })
}

test('a scheme of one’s own can be what clients have to authenticate by', async (t) => {
  const server = await startStandalone(t, {
    'authProvider.team': moduleOf(t, TEAM),
    'enforce.auth.enabled': 'true',
    'enforce.auth.schemes': 'team',
  })
  const one = await server.client()
  await one.do('auth', auth('team', 'known-one'))
  await one.do('exists', look('/'))
  assert.equal((await (await server.client()).ask('exists', look('/'))).code, 'SESSIONCLOSEDREQUIRESASLAUTH')
})
