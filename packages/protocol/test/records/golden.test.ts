import assert from 'node:assert/strict'
import { test } from 'node:test'
import { anyZxid, JuteError, millis, Reader, text, Writer, zxid } from '@vivarium/protocol'
import { fromHex, load, toHex } from '../golden/load.ts'
import { anyField, type Json, revive } from '../golden/revive.ts'
import { ALL_RECORDS } from './all-records.ts'

interface Case {
  readonly record: string
  readonly value: { readonly [name: string]: Json }
  /** What Java reads back, where that is something else. */
  readonly read?: { readonly [name: string]: Json }
  readonly bytes: string
}

/** Ours are named otherwise where jute's names would clash with what `readTxn` gives. */
const OUR_NAMES: { readonly [name: string]: string } = { Txn: 'SubTxn', MultiTxn: 'RawMultiTxn' }

const cases = load<Case>('records').map((golden) => {
  return { ...golden, name: OUR_NAMES[golden.record] ?? golden.record, value: halved(golden), read: golden.read }
})

/** A TxnDigest as ours has it: jute's treeDigest in two halves. */
function halved({ record, value }: Case): Case['value'] {
  if (record !== 'TxnDigest') return value
  const digest = BigInt(value.treeDigest as string)
  return { version: value.version!, high: Number(digest >> 32n), low: Number(BigInt.asIntN(32, digest)) }
}

test('every record of jute is there, with its fields in its order', () => {
  assert.deepEqual([...ALL_RECORDS.keys()].sort(), [...new Set(cases.map(({ name }) => name))].sort())
  for (const { name, value } of cases) assert.deepEqual(Object.keys(ALL_RECORDS.get(name)!.fields), Object.keys(value))
})

for (const name of new Set(cases.map((golden) => golden.name))) {
  test(`${name}: reads what Java writes, and writes the same bytes`, () => {
    const codec = ALL_RECORDS.get(name)!
    const writer = new Writer()
    let compared = 0
    for (const { value, read, bytes } of cases.filter((golden) => golden.name === name)) {
      // Written by getBytes(UTF_8), not by jute; the two differ in surrogates only, which no path has.
      if (name === 'DeleteContainerRequest' && /[\ud800-\udfff]/.test(value.path as string)) continue
      const reader = new Reader(fromHex(bytes))
      const refused =
        anyField(codec, value as Json, text, (json) => json === null) ||
        anyField(codec, value as Json, zxid, (json) => !Number.isSafeInteger(Number(json)))
      if (refused) {
        assert.throws(() => codec.read(reader), JuteError)
        continue
      }
      const ours = codec.read(reader)
      assert.equal(reader.remaining, 0)
      assert.deepEqual(ours, revive(codec, (read ?? value) as Json))
      compared++
      // A number beyond 53 bits was rounded, and comes out as it is now.
      const rounded = (json: Json) => !Number.isSafeInteger(Number(json))
      if ([millis, anyZxid].some((type) => anyField(codec, value as Json, type, rounded))) continue
      writer.clear()
      codec.write(writer, revive(codec, value as Json))
      assert.equal(toHex(writer.finish()), bytes)
    }
    assert.ok(compared >= 3, `${compared} cases compared`)
  })
}
