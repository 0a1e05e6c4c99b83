import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatAcl, parseAcl } from '../../dist/app/znode/acl-text.js'
import { bytesOf, formatHex, hexLines, parseHex, toBase64 } from '../../dist/app/znode/bytes-of.js'
import { jsonTokens, layOutJson } from '../../dist/app/znode/json-tokens.js'
import { kindOf, ttlMs } from '../../dist/app/znode/node-kind.js'
import { mayDo } from '../../dist/app/znode/permissions.js'

test('bytes that are edited as hex come back as they were', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      assert.deepEqual(parseHex(formatHex(bytes)), bytes)
      assert.deepEqual(bytesOf({ data: toBase64(bytes), encoding: 'base64' }), bytes)
    }),
  )
  assert.equal(parseHex('0'), null)
  assert.equal(parseHex('0g'), null)
})

test('a line of hex has sixteen bytes and what they are as text', () => {
  const [line] = hexLines(new TextEncoder().encode('Hello, znode!\n'), 1)
  assert.equal(line, '00000000  48 65 6c 6c 6f 2c 20 7a  6e 6f 64 65 21 0a        Hello, znode!·')
})

test('the pieces of laid out JSON are the JSON', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      const laidOut = layOutJson(text)
      if (laidOut === null) return
      const tokens = jsonTokens(laidOut)
      assert.equal(tokens.map((token) => token.text).join(''), laidOut)
    }),
  )
  assert.equal(layOutJson('not json'), null)
  assert.equal(layOutJson('[1,'), null)
  assert.deepEqual(
    jsonTokens('{"a":-1.5}').map(({ kind }) => kind),
    ['mark', 'key', 'mark', 'number', 'mark'],
  )
})

test('JSON is laid out as JavaScript does it', () => {
  const value = fc.oneof(fc.array(fc.jsonValue()), fc.dictionary(fc.string(), fc.jsonValue()))
  fc.assert(fc.property(value, (json) => assert.equal(layOutJson(JSON.stringify(json)), JSON.stringify(json, null, 2))))
})

test('numbers and keys are shown as they are written', () => {
  assert.equal(layOutJson('{"a":12345678901234567890,"a":1.0}'), '{\n  "a": 12345678901234567890,\n  "a": 1.0\n}')
})

test('the owner tells what kind of znode it is', () => {
  assert.equal(kindOf({ ephemeralOwner: '0x0' }), 'persistent')
  assert.equal(kindOf({ ephemeralOwner: '0x8000000000000000' }), 'container')
  assert.equal(kindOf({ ephemeralOwner: '0x100000000000001' }), 'ephemeral')
  assert.equal(kindOf({ ephemeralOwner: '0xff00000000000064' }), 'TTL')
  assert.equal(ttlMs({ ephemeralOwner: '0xff00000000000064' }), 100)
  assert.equal(kindOf({ ephemeralOwner: 'rubbish' }), 'persistent')
})

test('an ACL grants what it grants to whom it names', () => {
  const acl = [
    { scheme: 'world', id: 'anyone', perms: 'r' },
    { scheme: 'digest', id: 'ann:hash', perms: 'cdrwa' },
  ]
  assert.ok(mayDo('r', acl, []))
  assert.ok(!mayDo('w', acl, []))
  assert.ok(mayDo('w', acl, [{ scheme: 'digest', id: 'ann:hash' }]))
  assert.ok(!mayDo('w', acl, [{ scheme: 'digest', id: 'bob:hash' }]))
  assert.ok(mayDo('w', acl, [{ scheme: 'super', id: '' }]))
  assert.ok(mayDo('w', null, []))
})

test('an ACL is written as it is read', () => {
  const acl = [{ scheme: 'digest', id: 'ann:h:h=', perms: 'rw' }]
  assert.deepEqual(parseAcl(formatAcl(acl)), acl)
  assert.equal(typeof parseAcl(''), 'string')
  assert.equal(typeof parseAcl('world:anyone:x'), 'string')
})
