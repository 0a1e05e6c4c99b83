import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseOptions } from '../../dist/shell/options.js'
import { splitWords } from '../../dist/shell/words.js'

const TABLE = { s: false, w: false, v: true, file: true }

test('options stand anywhere, share a dash, and join their value', () => {
  for (const [line, positional, v] of [
    ['/a -s -v 3', ['/a'], '3'],
    ['-sv 3 /a', ['/a'], '3'],
    ['-swv3 /a', ['/a'], '3'],
    ['-s -v=3 /a', ['/a'], '3'],
    ['-s -v -1 /a', ['/a'], '-1'],
    ['-s -v 3 -- -w', ['-w'], '3'],
  ] as const) {
    const args = parseOptions(line.split(' '), TABLE)
    assert.deepEqual([args.positional, args.value('v'), args.has('s')], [positional, v, true], line)
  }
  assert.equal(parseOptions(['-file', 'x'], TABLE).value('file'), 'x')
})

test('an unknown option and a missing value are refused in the words of commons-cli', () => {
  assert.throws(() => parseOptions(['-q'], TABLE), { message: 'Unrecognized option: -q', exitCode: 1 })
  assert.throws(() => parseOptions(['-1'], TABLE), { message: 'Unrecognized option: -1' })
  assert.throws(() => parseOptions(['/a', '-v'], TABLE), { message: 'Missing argument for option: v' })
  assert.throws(() => parseOptions(['-v', '-s'], TABLE), { message: 'Missing argument for option: v' })
  assert.throws(() => parseOptions(['-v', 'x'], TABLE).int('v'), { name: 'CliError' })
})

test('any words are taken apart or refused', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (words) => {
      try {
        parseOptions(words, TABLE)
      } catch (error) {
        assert.equal((error as Error).name, 'CliError')
      }
    }),
  )
})

test('words are apart by blanks, or quoted', () => {
  assert.deepEqual(splitWords('create  /a "two words" \'it is "so"\' x"y'), [
    'create',
    '/a',
    'two words',
    'it is "so"',
    'x"y',
  ])
  assert.deepEqual(splitWords('  set /a ""  '), ['set', '/a', ''])
  assert.deepEqual(splitWords('   '), [])
})
