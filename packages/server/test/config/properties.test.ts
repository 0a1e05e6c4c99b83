import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { hideValues, parseProperties } from '../../dist/config/properties.js'

const pairs = (text: string): [string, string][] =>
  parseProperties(text).properties.map(({ key, value }) => [key, value])

const CASES: readonly (readonly [what: string, text: string, pairs: [string, string][]])[] = [
  ['an equals sign', 'a=1', [['a', '1']]],
  ['a colon', 'a:1', [['a', '1']]],
  ['white space', 'a 1', [['a', '1']]],
  ['a tab and a form feed', 'a\t\f1', [['a', '1']]],
  ['blanks around the separator', '  a  =  1  ', [['a', '1']]],
  ['only the first separator', 'a==b:c', [['a', '=b:c']]],
  ['a key alone', 'a', [['a', '']]],
  ['a value alone', '=1', [['', '1']]],
  ['comments and blank lines', '# x\n ! y\n\n  \na=1 # z', [['a', '1 # z']]],
  ['no comment where a line goes on', 'a=1,\\\n # 2', [['a', '1,# 2']]],
  ['a line that goes on', 'a=1,\\\n   2,\\\r\n\t3', [['a', '1,2,3']]],
  [
    'an escaped backslash at the end',
    'a=1\\\\\nb=2',
    [
      ['a', '1\\'],
      ['b', '2'],
    ],
  ],
  ['three backslashes at the end', 'a=1\\\\\\\n2', [['a', '1\\2']]],
  ['a file that ends in a backslash', 'a=1\\', [['a', '1']]],
  ['escaped separators in a key', 'a\\=b\\:c\\ d=1', [['a=b:c d', '1']]],
  ['escapes', 'a=x\\ty\\qz', [['a', 'x\tyqz']]],
  ['Unicode escapes', 'a=\\u00e9\\u4E2D', [['a', 'é中']]],
  ['a surrogate pair', 'a=\\ud83d\\ude00', [['a', '😀']]],
  [
    'line ends of all systems',
    'a=1\rb=2\r\nc=3\nd=4',
    [
      ['a', '1'],
      ['b', '2'],
      ['c', '3'],
      ['d', '4'],
    ],
  ],
  ['a byte order mark', '\uFEFFa=1', [['a', '1']]],
  ['a Windows path, whose backslashes Java eats', 'a=C:\\data', [['a', 'C:data']]],
]

for (const [what, text, expected] of CASES) test(`reads ${what}`, () => assert.deepEqual(pairs(text), expected))

test('keeps the line where each property begins', () => {
  const { properties } = parseProperties('# x\na=1\\\n2\n\nb=3')
  assert.deepEqual(
    properties.map(({ key, line }) => [key, line]),
    [
      ['a', 2],
      ['b', 5],
    ],
  )
})

test('refuses a malformed Unicode escape, and reads on', () => {
  const { properties, errors } = parseProperties('a=\\u12\nb=1\n\\uxyzw=2')
  assert.deepEqual(
    errors.map(({ line }) => line),
    [1, 3],
  )
  assert.deepEqual(
    properties.map(({ key }) => key),
    ['b'],
  )
})

/** Writes a text so that it reads as it was (Properties.saveConvert). */
const escaped = (text: string): string =>
  text.replace(/[^a-z0-9]/gi, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)

test('property: what is escaped reads as it was, trimmed', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (key, value) => {
      fc.pre(key !== '')
      assert.deepEqual(pairs(`${escaped(key)}=${escaped(value)}`), [[key.trim(), value.trim()]])
    }),
  )
})

test('property: any text is read or refused, and no line is past the end', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', '=', ':', ' ', '\\', '\n', '\r', 'u', '0', '#') }), (text) => {
      const { properties, errors } = parseProperties(text)
      const lines = text.split(/\r\n|\r|\n/).length
      for (const { line } of [...properties, ...errors]) assert.ok(line >= 1 && line <= lines)
    }),
  )
})

test('values that are not to be seen are hidden, wherever they stand', () => {
  const text = 'a=1\nsecret : x\\\n  y\n# secret=of no matter\r\nb=2\n  secret=z\\'
  const hidden = hideValues(text, (key) => key === 'secret')
  assert.equal(hidden, 'a=1\nsecret=(set)\n# secret=of no matter\nb=2\nsecret=(set)')
})
