import assert from 'node:assert/strict'
import { test } from 'node:test'
import { joinPath, nameOf, parentOf, validatePath, validateSequentialPath } from '@vivarium/protocol'
import { load } from './golden/load.ts'

type Case = { forbidden: [number, number][] } | { path: string; reason: string | null; sequential: string | null }

const cases = load<Case>('paths')

test('the characters that a name may not have are those of Java', () => {
  const [first] = cases
  assert.ok(first && 'forbidden' in first)
  for (let unit = 0; unit <= 0xffff; unit++) {
    const reason = validatePath(`/x${String.fromCharCode(unit)}x`)
    const expected: boolean = first.forbidden.some(([from, to]) => unit >= from && unit <= to)
    assert.equal(reason !== null, expected, `U+${unit.toString(16)}: ${reason}`)
  }
})

test('refuses the paths that Java refuses, for the same reason', () => {
  const refused = new Set<string>()
  for (const golden of cases) {
    if ('forbidden' in golden) continue
    assert.equal(validatePath(golden.path), golden.reason, JSON.stringify(golden.path))
    assert.equal(validateSequentialPath(golden.path), golden.sequential, JSON.stringify(golden.path))
    refused.add(String(golden.reason).replace(/\d+$/, ''))
  }
  assert.equal(refused.size, 8) // Seven reasons, and none.
})

test('parents and names', () => {
  assert.deepEqual([parentOf('/a'), nameOf('/a')], ['/', 'a'])
  assert.deepEqual([parentOf('/a/b'), nameOf('/a/b')], ['/a', 'b'])
  assert.equal(nameOf('/'), '')
  assert.equal(joinPath('/', 'a'), '/a')
  assert.equal(joinPath('/a', 'b'), '/a/b')
})
