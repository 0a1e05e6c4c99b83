import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { OPEN_ACL_UNSAFE, OpCode, Operation, type Txn, type TxnBody } from '@vivarium/protocol'
import { readResults } from './multi-results.ts'
import { at, create, look, multi, set } from './requests.ts'
import { startTestServer } from './test-server.ts'

const LARGEST = 0x7fff_ffff

const created = (path: string, parentCVersion: number): TxnBody => ({
  type: OpCode.create,
  record: { path, data: null, acl: [...OPEN_ACL_UNSAFE], ephemeral: false, parentCVersion },
})
const changed = (path: string, version: number): TxnBody => ({
  type: OpCode.setData,
  record: { path, data: null, version },
})

// What two thousand million requests would leave behind.
const bodies = [
  created('/sequence', 1),
  created('/sequence/old', LARGEST - 1),
  created('/pipelined', 2),
  created('/pipelined/old', LARGEST),
  created('/version', 3),
  changed('/version', LARGEST),
  created('/any', 4),
  changed('/any', -2),
]
const transactions = bodies.map(
  (body, i): Txn => ({ clientId: 0n, cxid: 0, zxid: i + 1, time: 1, digest: null, ...body }) as Txn,
)
const server = await startTestServer({ 'snapshot.trust.empty': 'true' }, transactions)
after(() => server.close())

test('the counter of sequence numbers sticks at the largest', async () => {
  const client = await server.client()
  const next = () => client.ask('create', create('/sequence/n-', { flags: 2 }))
  const first = await next()
  assert.equal(Operation.create.response.read(first.body).path, '/sequence/n-2147483646')
  const second = await next()
  assert.equal(Operation.create.response.read(second.body).path, '/sequence/n-2147483647')
  const { pzxid, numChildren } = await client.stat('/sequence')
  assert.deepEqual([pzxid, numChildren], [first.zxid, 3], 'and so does the zxid of the last change of its children')
  assert.equal((await next()).code, 'NODEEXISTS')
  await client.do('delete', at('/sequence/n-2147483647'))
  assert.equal((await next()).code, 'OK')
})

test('until the largest has been applied, the next is negative', async () => {
  const client = await server.client()
  const one = ['create', create('/pipelined/n-', { flags: 2 })] as const
  const { body } = await client.ask('multi', multi(one, one))
  assert.deepEqual(
    readResults(body).map(({ path }) => path),
    ['/pipelined/n-2147483647', '/pipelined/n--2147483648'],
  )
})

test('versions wrap', async () => {
  const client = await server.client()
  assert.equal((await client.stat('/version')).version, LARGEST)
  const { stat } = await client.get(Operation.setData, set('/version', 'x', LARGEST))
  assert.equal(stat.version, -LARGEST - 1)
  await client.do('setData', set('/version', 'x', -LARGEST - 1))
})

test('a version that has become -1 cannot be asked for: -1 matches any', async () => {
  const client = await server.client()
  const { stat } = await client.get(Operation.setData, set('/any', 'x', -2))
  assert.equal(stat.version, -1)
  await client.do('setData', set('/any', 'x', -1))
  await client.do('setData', set('/any', 'x', -1))
  assert.equal((await client.get(Operation.getData, look('/any'))).stat.version, 1)
})
