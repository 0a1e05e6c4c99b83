import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemProperties } from '../../dist/config/system-properties.js'

const CASES: readonly (readonly [what: string, flags: string, expected: [string, string][]])[] = [
  ['a definition', '-Da.b=1', [['a.b', '1']]],
  ['a definition without a value', '-Da', [['a', '']]],
  ['a value with an equals sign', '-Da=b=c', [['a', 'b=c']]],
  [
    'quoted words',
    `-Da="x y" '-Db=z w' -D"c"=d`,
    [
      ['a', 'x y'],
      ['b', 'z w'],
      ['c', 'd'],
    ],
  ],
  ['an escaped blank', '-Da=x\\ y', [['a', 'x y']]],
  ['backslashes that a shell leaves between double quotes', '-Da="x\\ny\\"z"', [['a', 'x\\ny"z']]],
  ['an open quote', '-Da="x', [['a', 'x']]],
  ['flags that are not definitions', '-Xmx1g -server  -Da=1\n-ea', [['a', '1']]],
]

for (const [what, flags, expected] of CASES) {
  test(`reads ${what}`, () => {
    assert.deepEqual(
      systemProperties({ JVMFLAGS: flags }).map(({ key, value }) => [key, value]),
      expected,
    )
  })
}

test('JVMFLAGS comes after SERVER_JVMFLAGS, as in zkServer.sh', () => {
  const found = systemProperties({ JVMFLAGS: '-Da=1', SERVER_JVMFLAGS: '-Da=2' })
  assert.deepEqual(
    found.map(({ variable }) => variable),
    ['SERVER_JVMFLAGS', 'JVMFLAGS'],
  )
})
