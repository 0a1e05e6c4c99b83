import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Data } from '../../dist/app/api/types.js'
import { bytesOf } from '../../dist/app/znode/bytes-of.js'
import { commonForm, dataOf, formOf, textOf } from '../../dist/app/znode/edited-text.js'

/** What a browser makes of a text in a field. */
const inField = (text: string): string => text.replace(/\r\n?/g, '\n')
const text = (data: string): Data => ({ data, encoding: 'utf8' })
const bytes = (data: Data | null): number[] => [...bytesOf(data as Data)]

test('nothing changes by being in a field', () => {
  const lines = fc.array(fc.constantFrom('a', '\r', '\n', '\r\n', '\u0000', 'é', '\u202e')).map((all) => all.join(''))
  fc.assert(
    fc.property(lines, (data) => {
      const form = formOf(text(data))
      assert.deepEqual(bytes(dataOf(inField(textOf(text(data), form)), form)), bytes(text(data)))
    }),
  )
})

test('lines that all end in the same way stay text', () => {
  assert.equal(formOf(text('a\nb\n')), 'text')
  assert.equal(formOf(text('a\r\nb\r\n')), 'crlf')
  for (const mixed of ['a\r\nb\n', '\na\r\n', 'a\rb', 'a\r\r\nb']) assert.equal(formOf(text(mixed)), 'hex', mixed)
  assert.equal(formOf({ data: 'AP8=', encoding: 'base64' }), 'hex')
  assert.equal(formOf({ data: null, encoding: 'utf8' }), 'text')
  assert.equal(commonForm('text', 'text'), 'text')
  assert.equal(commonForm('text', 'crlf'), 'hex')
})
