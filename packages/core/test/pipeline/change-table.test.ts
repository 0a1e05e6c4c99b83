import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ChangeRecord } from '../../dist/pipeline/change-record.js'
import { ChangeTable } from '../../dist/pipeline/change-table.js'

test('a table of changes finds what a Map would find, also where hashes collide', () => {
  const path = fc.nat(5000).map((number) => `/${number}`)
  fc.assert(
    fc.property(fc.array(path, { minLength: 3000, maxLength: 6000 }), (paths) => {
      const table = new ChangeTable()
      const expected = new Map<string, ChangeRecord>()
      for (const path of paths) {
        const hash = Number(path.slice(1)) % 1500
        const known = expected.get(path)
        assert.equal(table.get(path, hash), known)
        if (known === undefined) {
          const record = Object.assign(new ChangeRecord(), { path, hash })
          table.add(record)
          expected.set(path, record)
        } else {
          table.remove(known)
          assert.equal(known.next, null)
          expected.delete(path)
        }
      }
      for (const [path, record] of expected) assert.equal(table.get(path, record.hash), record)
    }),
    { numRuns: 20 },
  )
})
