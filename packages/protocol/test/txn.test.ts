import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type FieldType,
  JuteError,
  type MultiTxn,
  OpCode,
  Reader,
  readTxn,
  SubTxn,
  type Txn,
  TxnHeader,
  Writer,
  writeTxn,
} from '@vivarium/protocol'
import fc from 'fast-check'
import { anyTxn } from './arbitraries.ts'
import { fromHex, load, toHex } from './golden/load.ts'
import { type Json, revive } from './golden/revive.ts'
import { ALL_RECORDS } from './records/all-records.ts'

interface Case {
  readonly header: { readonly [name: string]: Json }
  readonly record: { readonly [name: string]: Json } | null
  readonly digest: { readonly version: number; readonly treeDigest: string } | null
  readonly prefixes: string
  /** Offset, the byte there, and what Java makes of it. */
  readonly damaged: readonly (readonly [number, number, string])[]
  readonly bytes: string
}

const cases = load<Case>('txns')

test('reads the transactions that Java writes, and writes the same bytes', () => {
  for (const golden of cases) {
    const txn = readTxn(new Reader(fromHex(golden.bytes)))
    const { record, digest, ...header } = txn
    assert.deepEqual(header, revive(TxnHeader, golden.header as Json))
    if (txn.type !== OpCode.multi) assert.deepEqual(record, expectedRecord(golden.record))
    if (golden.digest === null) assert.equal(digest, null)
    else {
      const treeDigest = (BigInt(digest!.high) << 32n) | BigInt(digest!.low >>> 0)
      assert.deepEqual({ version: digest!.version, treeDigest: String(treeDigest) }, golden.digest)
    }
    if (isV0(golden)) continue
    const writer = new Writer()
    writeTxn(writer, txn)
    assert.equal(toHex(writer.finish()), golden.bytes)
  }
})

/** The record, by the names of its fields; there are no two transactions with the same. */
function expectedRecord(record: Case['record']): unknown {
  if (record === null) return null
  const names = Object.keys(record).join()
  const [, codec] = [...ALL_RECORDS].find(
    ([name, { fields }]) => name.endsWith('Txn') && Object.keys(fields).join() === names,
  )!
  return revive(codec as FieldType<unknown>, record as Json)
}

function isV0({ record }: Case): boolean {
  return record?.path === '/old'
}

test('a create of before 3.4 has no parentCVersion', () => {
  const old = readTxn(new Reader(fromHex(cases.find(isV0)!.bytes)))
  assert.equal((old.record as { parentCVersion: number }).parentCVersion, -1)
})

test('the operations of a multi are decoded, each by its type', () => {
  const multis = cases.filter(({ header }) => header.type === OpCode.multi)
  assert.deepEqual(
    multis.map(({ record }) => (record!.txns as Json[]).length),
    [0, 8, 3],
  )
  for (const { bytes, record } of multis) {
    const { txns } = readTxn(new Reader(fromHex(bytes))).record as MultiTxn
    const raw = (record!.txns as Json[]).map((sub) => revive(SubTxn, sub) as SubTxn)
    assert.deepEqual(
      txns.map(({ type }) => type),
      raw.map(({ type }) => type),
    )
  }
  const { txns } = readTxn(new Reader(fromHex(multis[1]!.bytes))).record as MultiTxn
  assert.deepEqual(txns[0], { type: OpCode.check, record: { path: '/b', version: 5 } })
  assert.deepEqual(txns[6], { type: OpCode.delete, record: { path: '/m/2' } })
})

test('every prefix of a transaction is read as Java reads it', () => {
  for (const { bytes, prefixes, header } of cases) {
    const whole = fromHex(bytes)
    const ours = Array.from(prefixes, (_, length) => outcome(whole.slice(0, length)))
    // Where a closeSession has exactly a digest's bytes, and the digest's version, ours is a digest.
    if (header.type === OpCode.closeSession) assert.ok(!ours.includes('N'))
    assert.equal(ours.join(''), prefixes, bytes)
  }
})

test('a damaged transaction is read as Java reads it', () => {
  const seen = new Set<string>()
  for (const { bytes, damaged } of cases) {
    for (const [at, byte, expected] of damaged) {
      const copy = fromHex(bytes)
      copy[at] = byte
      assert.equal(outcome(copy), expected, toHex(copy))
      seen.add(expected)
    }
  }
  assert.deepEqual([...seen].sort(), ['R', 'n', 'r', 'x'])
})

/** As in Recorder.java. */
function outcome(bytes: Uint8Array): string {
  try {
    const { record, digest } = readTxn(new Reader(bytes))
    const found = record === null ? 'n' : 'r'
    return digest === null ? found : found.toUpperCase()
  } catch (error) {
    assert.ok(error instanceof JuteError)
    return 'x'
  }
}

test('a closeSession with a digest and no record, as with zookeeper.closeSessionTxn.enabled=false', () => {
  const txn: Txn = {
    clientId: 1n,
    cxid: 2,
    zxid: 3,
    time: 4,
    type: OpCode.closeSession,
    record: null,
    digest: { version: 2, high: -5, low: 6 },
  }
  const writer = new Writer()
  writeTxn(writer, txn)
  assert.deepEqual(readTxn(new Reader(writer.finish())), txn)
})

test('any transaction comes back as it was', () => {
  fc.assert(
    fc.property(anyTxn, (txn) => {
      const writer = new Writer()
      writeTxn(writer, txn)
      assert.deepEqual(readTxn(new Reader(writer.finish())), txn)
    }),
    { numRuns: 300 },
  )
})

test('whatever becomes of its bytes, a transaction is read or is a JuteError', () => {
  fc.assert(
    fc.property(anyTxn, fc.infiniteStream(fc.nat(255)), fc.nat(), (txn, noise, at) => {
      const writer = new Writer()
      writeTxn(writer, txn)
      const bytes = writer.finish()
      for (let i = 0; i < 4; i++) bytes[28 + ((at + i) % (bytes.length - 28))] = noise.next().value as number
      for (let length = 0; length <= bytes.length; length++) outcome(bytes.subarray(0, length))
    }),
    { numRuns: 300 },
  )
})

test('types that no transaction has are refused', () => {
  for (const type of [OpCode.getData, OpCode.check, OpCode.sync, 99]) {
    const writer = new Writer()
    TxnHeader.write(writer, { clientId: 1n, cxid: 1, zxid: 1, time: 1, type })
    writer.string('/a')
    writer.int(1)
    assert.throws(() => readTxn(new Reader(writer.finish())), JuteError)
  }
})

test('a multi refuses what Java cannot apply: other types, and operations without a record', () => {
  for (const sub of [
    { type: OpCode.setACL, data: new Uint8Array(20) },
    { type: OpCode.multi, data: new Uint8Array(4) },
    { type: OpCode.delete, data: null },
    { type: OpCode.delete, data: new Uint8Array(2) },
  ]) {
    const writer = new Writer()
    TxnHeader.write(writer, { clientId: 1n, cxid: 1, zxid: 1, time: 1, type: OpCode.multi })
    writer.vector([sub], SubTxn.write)
    assert.throws(() => readTxn(new Reader(writer.finish())), JuteError)
  }
})
