import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ByteReader, ByteWriter } from '../dist/bytes.js'
import { Ensemble } from '../dist/ensembles/ensemble.js'
import { Op } from '../dist/opcodes.js'
import type { RawClient } from '../dist/raw-client.js'
import { createBody, OPEN_ACL } from '../dist/records.js'
import { APACHE, type ServerKind, VIVARIUM } from '../dist/server-process.js'
import { Suite } from '../dist/suite.js'

// ClickHouse Keeper's operations in ensembles: what our leader makes of them Apache's followers apply; where Apache's leads,
// those that write are refused.

const suite = new Suite('keeper')
const [A, V] = [APACHE, VIVARIUM]
const UNIMPLEMENTED = -6
const CREATE_IF_NOT_EXISTS = 502
const REMOVE_RECURSIVE = 503
const TRY_REMOVE = 505
const CONFIG = { 'keeper.extensions.enabled': 'true' }

const pathAnd = (path: string, number: number): Uint8Array => new ByteWriter().string(path).int(number).take()

async function flagsOf(client: RawClient): Promise<number[]> {
  const { body } = await client.call(Op.getData, new ByteWriter().string('/keeper/feature_flags').bool(false).take())
  return [...(new ByteReader(body).buffer() ?? [])]
}

async function ensemble(kinds: readonly ServerKind[], body: (ensemble: Ensemble) => Promise<void>): Promise<void> {
  const made = await Ensemble.layOut(3, { config: CONFIG })
  try {
    await made.start((sid) => kinds[sid - 1] as ServerKind, [2, 3])
    await made.start((sid) => kinds[sid - 1] as ServerKind, [1])
    await body(made)
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.stack : error}\n${made.logs()}`)
  } finally {
    await made.dispose()
  }
}

for (const follower of [V, A]) {
  test(`what our leader makes of them ${follower.name} applies`, (context) =>
    suite.withPeers(context, () =>
      ensemble([V, follower, V], async (made) => {
        assert.equal(await made.member(3).mode(), 'leader')
        for (const sid of [1, 3]) {
          const client = await made.member(sid).connect()
          assert.deepEqual(await flagsOf(client), [0xff, 0xe0])
          for (const path of [`/${sid}`, `/${sid}/a`, `/${sid}/a/b`, `/${sid}/c`]) await client.create(path)
          for (let i = 0; i < 2; i++) {
            const { errno, body } = await client.call(CREATE_IF_NOT_EXISTS, createBody(`/${sid}/c`, null, OPEN_ACL, 0))
            assert.deepEqual([errno, new ByteReader(body).string()], [0, `/${sid}/c`])
            assert.equal((await client.call(TRY_REMOVE, pathAnd(`/${sid}/a`, -1))).errno, 0)
            assert.equal((await client.call(REMOVE_RECURSIVE, pathAnd(`/${sid}/a`, 10))).errno, 0)
          }
          assert.equal(await client.exists(`/${sid}/a/b`), null)
          const multi = new ByteWriter()
          for (const [type, part] of [
            [REMOVE_RECURSIVE, pathAnd(`/${sid}`, 10)],
            [CREATE_IF_NOT_EXISTS, createBody(`/${sid}`, null, OPEN_ACL, 0)],
            [CREATE_IF_NOT_EXISTS, createBody(`/${sid}`, null, OPEN_ACL, 0)],
          ] as const) {
            multi.int(type).bool(false).int(-1).raw(part)
          }
          const { errno } = await client.call(Op.multi, multi.int(-1).bool(true).int(-1).take())
          assert.equal(errno, 0)
          await client.close()
        }
        assert.deepEqual(await made.differences(), [])
        // From its own log, too.
        await made.member(2).stop()
        await made.start(() => follower, [2])
        assert.deepEqual(await made.differences(), [])
        suite.report(4, [])
      }),
    ))
}

test("where Apache's leads, only those that read are offered", (context) =>
  suite.withPeers(context, () =>
    ensemble([V, V, A], async (made) => {
      assert.equal(await made.member(3).mode(), 'leader')
      const client = await made.member(1).connect()
      assert.deepEqual(await flagsOf(client), [0b1100_0101, 0b1010_0000])
      await client.create('/a')
      assert.equal((await client.call(TRY_REMOVE, pathAnd('/a', -1))).errno, UNIMPLEMENTED)
      assert.notEqual(await client.exists('/a'), null)
      await client.close()
      assert.deepEqual(await made.differences(), [])
      suite.report(3, [])
    }),
  ))
