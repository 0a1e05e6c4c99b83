import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Party } from '../../../dist/recipes/index.js'
import { World } from '../support/world.ts'

for (const layout of ['party', 'shallow'] as const) {
  test(`who has joined is there until it leaves: ${layout}`, async (t) => {
    const [a, b] = await (await World.start(t)).peers(2)
    const one = new Party(a.zk, '/party', { identifier: 'host-1', layout })
    const two = new Party(b.zk, '/party', { identifier: 'host-2', layout })
    assert.deepEqual(await one.members(), [])
    await Promise.all([one.join(), two.join()])
    await one.join()
    assert.deepEqual((await one.members()).sort(), ['host-1', 'host-2'])
    assert.equal(await two.size(), 2)
    await one.leave()
    assert.deepEqual(await two.members(), ['host-2'])
    await one.leave()
    await one.join()
    assert.equal(await one.size(), 2)
    await Promise.all([one.leave(), two.leave()])
    assert.equal(await one.size(), 0)
  })
}

test('its znodes are those of kazoo', async (t) => {
  const { zk } = await (await World.start(t)).peer()
  await using party = new Party(zk, '/party', { identifier: 'me' })
  await using shallow = new Party(zk, '/shallow', { identifier: 'me', layout: 'shallow' })
  await Promise.all([party.join(), shallow.join()])
  const [name] = await zk.getChildren('/party')
  assert.match(name ?? '', /^[0-9a-f]{32}__party__$/)
  assert.equal((await zk.getData(`/party/${name}`)).data.toString(), 'me')
  assert.match((await zk.getChildren('/shallow'))[0] ?? '', /^[0-9a-f]{32}-me$/)
  // What is not a member does not count.
  await zk.create('/party/note')
  assert.equal(await party.size(), 1)
})

test('a member stays through new sessions', async (t) => {
  const [a, b] = await (await World.start(t)).peers(2)
  await using party = new Party(a.zk, '/party', { identifier: 'me' })
  await party.join()
  await a.expire()
  const [name] = await b.zk.getChildren('/party')
  if (name === undefined) await a.zk.connected().then(() => party.join())
  for await (const _ of b.zk.watch('/party')) if ((await b.zk.getChildren('/party')).length === 1) break
  assert.deepEqual(await party.members(), ['me'])
})
