import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseAuthToLocal } from '../../dist/sasl/auth-to-local.js'
import { authorizationId } from '../../dist/sasl/authorization-id.js'

const toLocal = parseAuthToLocal('DEFAULT') ?? []

for (const [name, removeHost, removeRealm, id] of [
  ['bob', false, false, 'bob'],
  ['bob', true, true, 'bob'],
  ['zkcli/host1@EXAMPLE.COM', false, false, 'zkcli/host1@EXAMPLE.COM'],
  ['zkcli/host1@EXAMPLE.COM', true, false, 'zkcli@EXAMPLE.COM'],
  ['zkcli/host1@EXAMPLE.COM', false, true, 'zkcli/host1'],
  ['zkcli/host1@EXAMPLE.COM', true, true, 'zkcli'],
  ['bob@EXAMPLE.COM', true, true, 'bob'],
  // What is no name of Kerberos's is not taken apart.
  ['super@a@b', true, true, 'super@a@b'],
  ['super/a/b', true, true, 'super/a/b'],
  ['/host@REALM', true, true, '/host@REALM'],
  ['@REALM', true, true, '@REALM'],
  ['zkcli/host1', true, true, 'zkcli/host1'],
  ['bob\\/host@REALM', true, true, 'bob\\/host@REALM'],
  ['bob\\@REALM', true, true, 'bob\\@REALM'],
  ['', true, true, ''],
] as const) {
  test(`${name || 'nobody'} is ${id || 'nobody'} (host ${!removeHost}, realm ${!removeRealm})`, () => {
    assert.equal(authorizationId(name, { removeHost, removeRealm, realm: null, toLocal }), id)
  })
}

test('only parts that are to be removed are missing from an id', () => {
  fc.assert(
    fc.property(fc.string(), (name) => {
      assert.equal(authorizationId(name, { removeHost: false, removeRealm: false, realm: null, toLocal }), name)
      assert.ok(name.startsWith(authorizationId(name, { removeHost: true, removeRealm: true, realm: null, toLocal })))
    }),
  )
})

test('who is of another realm keeps its name whole', () => {
  const rules = { removeHost: true, removeRealm: true, realm: 'EXAMPLE.COM', toLocal }
  assert.equal(authorizationId('super/host@EXAMPLE.COM', rules), 'super')
  assert.equal(authorizationId('super/host@ELSEWHERE.COM', rules), 'super/host@ELSEWHERE.COM')
  assert.equal(authorizationId('super@EXAMPLE.COM', { ...rules, realm: '' }), 'super@EXAMPLE.COM')
})

test('rules make the first part of an id', () => {
  const rules = parseAuthToLocal('RULE:[2:$1-$2@$0](web-.*@EXAMPLE\\.COM)s/@.*//') ?? []
  const id = (name: string, remove: boolean): string =>
    authorizationId(name, { removeHost: remove, removeRealm: remove, realm: 'EXAMPLE.COM', toLocal: rules })
  assert.equal(id('web/host1@EXAMPLE.COM', true), 'web-host1')
  assert.equal(id('web/host1@EXAMPLE.COM', false), 'web-host1/host1@EXAMPLE.COM')
  // There is no rule for these.
  assert.equal(id('db/host1@EXAMPLE.COM', true), 'db/host1@EXAMPLE.COM')
  assert.equal(id('web@EXAMPLE.COM', true), 'web@EXAMPLE.COM')
})
