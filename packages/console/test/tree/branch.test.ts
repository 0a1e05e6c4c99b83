import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { ChildrenPage, Stat } from '../../dist/app/api/types.js'
import { Branch } from '../../dist/app/tree/branch.js'

const stat = (zxid: number, rest: Partial<Stat> = {}): Stat => ({
  czxid: `0x${zxid.toString(16)}`,
  mzxid: `0x${zxid.toString(16)}`,
  pzxid: `0x${zxid.toString(16)}`,
  ctime: 0,
  mtime: 0,
  version: 0,
  cversion: 0,
  aversion: 0,
  ephemeralOwner: '0x0',
  dataLength: 0,
  numChildren: 0,
  ...rest,
})

/** A page of a directory with these names; all of it is from the transaction `zxid`, unless `stats` says otherwise. */
function page(
  names: readonly string[],
  from = 0,
  limit = names.length,
  zxid = 1,
  stats: Record<string, Stat> = {},
): ChildrenPage {
  const children = names.slice(from, from + limit).map((name) => ({ name, stat: stats[name] ?? stat(1) }))
  return { path: '/', stat: stat(zxid), total: names.length, from, children }
}

const shown = (branch: Branch, from = 0, to = branch.rowCount): string[] =>
  branch.rows(from, to).map(({ path, note, name }) => path ?? `${note}${name === '' ? '' : ` ${name}`}`)

test('before anything is known there is one row that says so', () => {
  const root = new Branch('/', 0)
  assert.equal(root.rowCount, 1)
  assert.deepEqual(shown(root), ['loading'])
})

test('a page in the middle of many makes rows of all of them', () => {
  const names = Array.from({ length: 1000 }, (_, at) => `n${String(at).padStart(4, '0')}`)
  const root = new Branch('/', 0)
  root.merge(page(names, 500, 3))
  assert.equal(root.rowCount, 1000)
  assert.deepEqual(shown(root, 499, 504), ['loading', '/n0500', '/n0501', '/n0502', 'loading'])
})

test('what is open stands below its row, and is found there', () => {
  const root = new Branch('/', 0)
  root.merge(page(['a', 'b', 'c']))
  root.openChild('b')?.merge({ ...page(['x', 'y']), path: '/b' })
  assert.deepEqual(shown(root), ['/a', '/b', '/b/x', '/b/y', '/c'])
  assert.equal(root.rowOf('/b/y'), 3)
  assert.equal(root.rowOf('/c'), 4)
  assert.equal(root.rowOf('/b/z'), -1)
})

test('what was created since the last page is new, what is merely seen for the first time is not', () => {
  const root = new Branch('/', 0)
  assert.deepEqual(root.merge(page(['a', 'c'], 0, 1, 5)), { created: [], changed: [] })
  assert.deepEqual(root.merge(page(['a', 'c'], 1, 1, 5)), { created: [], changed: [] })
  assert.deepEqual(root.merge(page(['a', 'b', 'c'], 0, 3, 9, { b: stat(9) })), { created: ['b'], changed: [] })
})

test('a child with another mzxid has changed', () => {
  const root = new Branch('/', 0)
  root.merge(page(['a']))
  assert.deepEqual(root.merge(page(['a'], 0, 1, 1, { a: stat(1, { mzxid: '0x7' }) })), { created: [], changed: ['a'] })
})

test('a change that was told is no news in the next page', () => {
  const root = new Branch('/', 0)
  root.merge(page(['a', 'b']))
  root.changed('a', '0x7')
  root.changed('unknown', '0x8')
  assert.deepEqual(root.merge(page(['a', 'b'], 0, 2, 1, { a: stat(1, { mzxid: '0x7' }) })).changed, [])
})

test('an open child that is gone is closed, one that has moved stays open', () => {
  const root = new Branch('/', 0)
  root.merge(page(['b', 'c']))
  root.openChild('b')?.merge(page([]))
  root.openChild('c')?.merge({ ...page(['x']), path: '/c' })
  root.merge(page(['a', 'c'], 0, 2, 9))
  assert.deepEqual(shown(root), ['/a', '/c', '/c/x'])
})

test('a znode that was deleted leaves at once; the others are asked for again', () => {
  const root = new Branch('/', 0)
  root.merge(page(['a', 'b', 'c']))
  root.openChild('c')?.merge({ ...page(['x']), path: '/c' })
  root.remove('a')
  assert.equal(root.rowCount, 3)
  assert.equal(root.rowOf('/c/x'), 2)
})

test('an error takes the place of what there was', () => {
  const root = new Branch('/', 0)
  root.merge(page(['a']))
  root.error = 'no'
  assert.deepEqual(shown(root), ['error no'])
})

test('whatever is open, any window of the rows is that part of all rows', () => {
  const names = fc.uniqueArray(fc.stringMatching(/^[a-f]{1,2}$/), { minLength: 1, maxLength: 12 })
  fc.assert(
    fc.property(names, fc.array(names, { maxLength: 4 }), fc.nat(40), fc.nat(40), (top, opened, from, length) => {
      const root = new Branch('/', 0)
      root.merge(page(top.toSorted()))
      for (const [at, below] of opened.entries()) {
        const name = top[at % top.length]!
        root.openChild(name)?.merge({ ...page(below.toSorted()), path: `/${name}` })
      }
      const all = shown(root)
      assert.equal(all.length, root.rowCount)
      assert.deepEqual(shown(root, from, from + length), all.slice(from, from + length))
      for (const [row, path] of all.entries()) assert.equal(root.rowOf(path), row)
    }),
  )
})
