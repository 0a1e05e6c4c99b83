import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')

test('the example of the page is the one that runs', () => {
  const [, example] = /```ts\n([\s\S]*?)```/.exec(read('docs/testing.md')) ?? []
  assert.equal(example, read('packages/testing/test/example.test.ts'))
})
