import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseOptions } from '../../dist/compare/options.js'

test('by default everything is measured', () => {
  const options = parseOptions([])
  assert.deepEqual([...options.parts], ['start', 'loads', 'memory'])
  assert.equal(options.scenarios.length, 12)
  assert.deepEqual([options.rounds, options.seconds, options.znodes], [3, 5, 1_000_000])
})

test('parts and loads are picked by name', () => {
  const options = parseOptions(['--only', 'memory,loads', '--loads', 'get,watch', '--secs', '0.5'])
  assert.deepEqual([...options.parts], ['loads', 'memory'])
  assert.deepEqual([...new Set(options.scenarios.map(({ load }) => load))], ['get', 'watch'])
  assert.equal(options.seconds, 0.5)
})

test('what cannot be meant is refused, and says so', () => {
  assert.throws(() => parseOptions(['--loads', 'gte']), /--loads: gte is none of get/)
  assert.throws(() => parseOptions(['--rounds', '0']), /--rounds/)
  assert.throws(() => parseOptions(['--nodes', '1.5']), /--nodes/)
  assert.throws(() => parseOptions(['--secs', 'x']), /--secs/)
  assert.throws(() => parseOptions(['--what']), /--what/)
})
