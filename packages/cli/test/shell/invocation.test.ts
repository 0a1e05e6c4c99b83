import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseInvocation } from '../../dist/shell/invocation.js'

const CASES: readonly (readonly [line: string, server: string, words: string[]])[] = [
  ['', 'localhost:2181', []],
  ['shell', 'localhost:2181', []],
  ['shell -server zk:2181', 'zk:2181', []],
  ['-server zk:2181 shell', 'zk:2181', []],
  ['-server zk:2181 shell --quiet ls /', 'zk:2181', ['ls', '/']],
  ['-server zk:2181 get shell', 'zk:2181', ['get', 'shell']],
]

for (const [line, server, words] of CASES) {
  test(`vivarium ${line}`, () => {
    const invocation = parseInvocation(line.split(' ').filter(Boolean))
    assert.deepEqual([invocation.server, invocation.words], [server, words])
  })
}

test('an option that is not known is refused, also behind shell', () => {
  assert.throws(() => parseInvocation(['shell', '-sever', 'zk:2181']), /unknown option -sever/)
})
