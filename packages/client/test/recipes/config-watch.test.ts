import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ConfigChange, ConfigWatch } from '../../dist/recipes/index.js'
import { World } from './support/world.ts'

const PATH = '/config/sampling'

interface Sampling {
  readonly ratio: number
}

function schema(parsed: unknown): Sampling {
  if (typeof parsed === 'object' && parsed !== null && 'ratio' in parsed && typeof parsed.ratio === 'number')
    return { ratio: parsed.ratio }
  throw new Error('ratio is missing')
}

test('values are taken as they are written, and what is written badly is not', async (t) => {
  const [{ zk }, other] = await (await World.start(t)).peers(2)
  await other.zk.ensurePath('/config')
  await other.zk.create(PATH, { data: '{"ratio":0.1}' })
  await using config = await ConfigWatch.start(zk, PATH, { schema })
  const told: ConfigChange<Sampling>[] = []
  config.onChange((change) => told.push(change))
  const ratio = (): number => config.value.ratio
  const problem = (): string => config.problem?.type ?? 'none'
  assert.equal(ratio(), 0.1)
  assert.equal(config.stat?.version, 0)
  await other.zk.setData(PATH, '{"ratio":0.2}')
  await config.sync()
  assert.deepEqual([ratio(), problem()], [0.2, 'none'])
  for (const bad of ['{"ratio":"x"}', 'no JSON', '']) {
    await other.zk.setData(PATH, bad)
    await config.sync()
    assert.deepEqual([ratio(), problem()], [0.2, 'invalid'])
  }
  assert.equal(config.stat?.version, 1)
  await other.zk.delete(PATH)
  await config.sync()
  assert.deepEqual([ratio(), problem()], [0.2, 'absent'])
  await other.zk.create(PATH, { data: '{"ratio":0.3}' })
  await config.sync()
  assert.deepEqual([ratio(), problem()], [0.3, 'none'])
  assert.deepEqual(
    told.map(({ type }) => type),
    ['value', 'problem', 'problem', 'problem', 'problem', 'value'],
  )
})

test('without a value it does not start, unless it is given one', async (t) => {
  const [{ zk }, other] = await (await World.start(t)).peers(2)
  await assert.rejects(ConfigWatch.start(zk, PATH, { schema }), { code: 'NO_CONFIG', message: /no such znode/ })
  await other.zk.ensurePath(PATH)
  await assert.rejects(ConfigWatch.start(zk, PATH, { schema }), { code: 'NO_CONFIG', message: /not valid/ })
  await using config = await ConfigWatch.start(zk, PATH, { schema, initial: { ratio: 1 } })
  assert.deepEqual(config.value, { ratio: 1 })
  assert.equal(config.stat, null)
  assert.equal(config.problem?.type, 'invalid')
})

test('a value that was written during a cut is taken after it; until then the last one holds', async (t) => {
  const [peer, other] = await (await World.start(t)).peers(2)
  await other.zk.ensurePath('/config')
  await other.zk.create(PATH, { data: 'one' })
  await peer.zk.sync(PATH)
  await using config = await ConfigWatch.start(peer.zk, PATH, { parse: String, schema: String })
  const changes = config.changes()
  await peer.isolate()
  await other.zk.setData(PATH, 'two')
  assert.deepEqual([config.value, config.isSynced], ['one', false])
  peer.reunite()
  const { value: change } = await changes.next()
  assert.ok(change?.type === 'value')
  assert.equal(change.value, 'two')
  await config.synced()
  assert.equal(config.value, 'two')
})
