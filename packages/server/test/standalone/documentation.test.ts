import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { FOUR_LETTER_WORDS } from '@vivarium/protocol'
import { METRICS } from '../../dist/admin/metric-table.js'
import { allKeys } from '../../dist/config/keys.js'

const PAGE = readFileSync(new URL('../../../../docs/compatibility/server-operations.md', import.meta.url), 'utf8')
const named = new Set([...PAGE.replace(/\s+/g, ' ').matchAll(/`([^`]+)`/g)].map(([, name]) => name))

/** These exist twice, and are named once. */
const plain = (name: string): string => name.replace(/^ssl\.(?:quorum\.)?/, '')

test('the page about operation accounts for every key', () => {
  const missing = allKeys.map(({ name }) => name).filter((name) => !named.has(name) && !named.has(plain(name)))
  assert.deepEqual(missing, [])
})

test('the page about operation names the aliases of keys', () => {
  const aliases = allKeys.flatMap((key) => key.aliases)
  const old = ['learnerAsyncSending', 'learnerCloseSocketAsync', 'leaderCloseSocketAsync']
  assert.deepEqual(
    aliases.filter((name) => !named.has(name) && !old.includes(name)),
    [],
  )
})

test('the page about operation accounts for every four-letter word', () => {
  assert.deepEqual(
    FOUR_LETTER_WORDS.filter((word) => !named.has(word)),
    [],
  )
})

test('the page about operation accounts for every metric', () => {
  assert.deepEqual(
    Object.keys(METRICS).filter((name) => !named.has(name)),
    [],
  )
})
