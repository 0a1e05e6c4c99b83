import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  AccessControl,
  ApplyResult,
  applyTxn,
  authProviders,
  CreateReplay,
  Database,
  DataTree,
  NamespaceTraffic,
  Quotas,
} from '@vivarium/core'
import { type ACL, JuteError, OpCode, Reader, readTxn, type Txn, Writer, writeTxn } from '@vivarium/protocol'
import fc from 'fast-check'
import { dumpTree } from '../tree/model-tree.ts'

/** A database, with what was counted of its traffic. */
function newDatabase(): { database: Database; written: string[] } {
  const written: string[] = []
  const traffic = new NamespaceTraffic((name) => ({
    reads: { observe: () => assert.fail('nobody reads') },
    writes: { observe: (bytes) => written.push(`${name} ${bytes}`) },
  }))
  const tree = new DataTree({ hashSeed: 7, extendedTypes: false, digestEnabled: true })
  const access = new AccessControl(authProviders(), true)
  const quotas = new Quotas(tree, false)
  return { database: new Database({ tree, sessions: new Map(), access, quotas, traffic }), written }
}

function encode(txn: Txn): Uint8Array {
  const writer = new Writer()
  writeTxn(writer, txn)
  return writer.bytes.slice(0, writer.length)
}

/** Applies what `bytes` hold as any transaction is. Returns whether it is one. */
function applySlowly(database: Database, bytes: Uint8Array): boolean {
  try {
    applyTxn(database, readTxn(new Reader(bytes)), new ApplyResult())
    return true
  } catch (error) {
    if (!(error instanceof JuteError)) throw error
    return false
  }
}

function stateOf({ tree, digestMismatches }: Database): unknown {
  const { lastProcessedZxid, digestHigh, digestLow } = tree
  return [dumpTree(tree), lastProcessedZxid, digestHigh, digestLow, digestMismatches]
}

const anyone: ACL = { perms: 31, id: { scheme: 'world', id: 'anyone' } }
const lists = fc.constantFrom<readonly ACL[] | null>(
  [anyone],
  [],
  null,
  [{ perms: 1, id: { scheme: 'ip', id: '127.0.0.1' } }, anyone],
  [{ perms: 1, id: { scheme: 'digest', id: 'ü' } }],
)
const paths = fc.constantFrom(
  '/a',
  '/a/b',
  '/a/b/c',
  '/none/x',
  '/b',
  '/ä',
  '/a/',
  '/zookeeper/x',
  '/zookeeperx',
  '//a',
)
const transactions = fc.record({
  type: fc.constantFrom(OpCode.create, OpCode.create2, OpCode.createContainer, OpCode.delete),
  path: paths,
  data: fc.option(fc.uint8Array({ maxLength: 40 })),
  acl: lists,
  ephemeral: fc.boolean(),
  parentCVersion: fc.integer({ min: -1, max: 9 }),
  digest: fc.constantFrom(null, { version: 2, high: 1, low: 2 }),
})

test('creations replayed where they stand leave what they leave as any transaction', () => {
  let taken = 0
  const histories = fc.array(transactions, { maxLength: 30 })
  const check = fc.property(histories, fc.integer({ min: 0, max: 20 }), (history, before) => {
    const [slow, quick] = [newDatabase(), newDatabase()]
    const replay = new CreateReplay(quick.database)
    history.forEach(({ type, digest, ...record }, i) => {
      const txn: Txn = { clientId: 5n, cxid: i, zxid: i + 1, time: 1_700_000_000_000 + i, type, record, digest }
      const bytes = encode(txn)
      // In the midst of others, as in a log.
      const around = Buffer.concat([Buffer.alloc(before, 0xee), bytes, Buffer.alloc(20, 0xee)])
      if (replay.apply(around, before, before + bytes.length, i + 1)) taken++
      else applySlowly(quick.database, bytes)
      applySlowly(slow.database, bytes)
    })
    assert.deepEqual(stateOf(quick.database), stateOf(slow.database))
    assert.deepEqual(quick.written, slow.written)
  })
  fc.assert(check, { numRuns: 300 })
  assert.ok(taken > 100, `${taken} were taken`)
})

test('it takes nothing that is no transaction, or another', () => {
  const record = { path: '/a', data: Uint8Array.of(1, 2), acl: [anyone], ephemeral: false, parentCVersion: 1 }
  const digest = { version: 2, high: 0, low: 0 }
  const bytes = encode({ clientId: 5n, cxid: 1, zxid: 1, time: 1, type: OpCode.create, record, digest })
  const at = fc.integer({ min: 12, max: bytes.length - 1 })
  const damage = fc.array(fc.tuple(at, fc.constantFrom(0, 1, 2, 0x7f, 0x80, 0xff)), { maxLength: 3 })
  const check = fc.property(damage, fc.integer({ min: 0, max: bytes.length }), (places, end) => {
    const damaged = bytes.slice(0, end)
    for (const [place, value] of places) if (place < end) damaged[place] = value
    const [slow, quick] = [newDatabase(), newDatabase()]
    if (!new CreateReplay(quick.database).apply(damaged, 0, end, 1)) {
      assert.deepEqual(stateOf(quick.database), stateOf(newDatabase().database))
      return
    }
    damaged.set([0, 0, 0, 0, 0, 0, 0, 1], 12) // The zxid is the caller's to read.
    assert.ok(applySlowly(slow.database, damaged))
    assert.deepEqual(stateOf(quick.database), stateOf(slow.database))
  })
  fc.assert(check, { numRuns: 3000 })
})

test('while there are quotas, it takes nothing', () => {
  const record = { path: '/a', data: null, acl: [anyone], ephemeral: false, parentCVersion: 1 }
  const bytes = encode({ clientId: 5n, cxid: 1, zxid: 1, time: 1, type: OpCode.create, record, digest: null })
  const { database } = newDatabase()
  const replay = new CreateReplay(database)
  database.quotas.created('/zookeeper/quota/a/zookeeper_limits', 0)
  assert.equal(database.quotas.size, 1)
  assert.equal(replay.apply(bytes, 0, bytes.length, 1), false)
})
