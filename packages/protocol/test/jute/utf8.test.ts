import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeUtf8, readUtf8, utf8Length, writeUtf8 } from '@vivarium/protocol'
import fc from 'fast-check'
import { fromHex, load, toHex } from '../golden/load.ts'

const cases = load<{ text?: string; bytes: string; read: string }>('strings')

test('reads as Java does, whatever the bytes', () => {
  for (const { bytes, read } of cases) {
    const plain = fromHex(bytes)
    assert.equal(readUtf8(plain, 0, plain.length), read, bytes)
    // A Buffer takes another way, and so does a string in the midst of others.
    const amid = Buffer.concat([Buffer.from('\u00e9'), plain, Buffer.from('\u00e9')])
    assert.equal(readUtf8(amid, 2, amid.length - 2), read, bytes)
    assert.equal(toHex(amid), `c3a9${bytes}c3a9`) // Reading changes nothing.
    assert.equal(toHex(plain), bytes)
  }
})

test('writes as Java does, whatever the text', () => {
  const written = cases.filter((golden) => golden.text !== undefined)
  assert.equal(written.length, 300)
  for (const { text, bytes } of written) {
    assert.equal(toHex(encodeUtf8(text!)), bytes)
    assert.equal(utf8Length(text!), bytes.length / 2)
  }
})

test('text without surrogates comes back', () => {
  const unit = fc.integer({ min: 0, max: 0xffff }).filter((code) => code < 0xd800 || code > 0xdfff)
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 60 }), fc.nat(5), (units, at) => {
      const text = String.fromCharCode(...units)
      const target = new Uint8Array(at + utf8Length(text))
      assert.equal(writeUtf8(text, target, at), target.length - at)
      assert.equal(readUtf8(target, at, target.length), text)
    }),
  )
})
