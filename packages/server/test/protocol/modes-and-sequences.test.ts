import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { Operation } from '@vivarium/protocol'
import { at, create, look, set } from './requests.ts'
import { startTestServer } from './test-server.ts'

const server = await startTestServer({ extendedTypesEnabled: 'true' })
after(() => server.close())

test('flags 0 to 3: ephemeral or not, with a number or without', async () => {
  const client = await server.client()
  await client.do('create', create('/flags'))
  const made = async (flags: number) => {
    const { path, stat } = await client.get(Operation.create2, create('/flags/n', { flags }))
    return [path, stat.ephemeralOwner]
  }
  const mine = client.session.sessionId
  assert.deepEqual(await made(0), ['/flags/n', 0n])
  await client.do('delete', at('/flags/n'))
  assert.deepEqual(await made(1), ['/flags/n', mine])
  assert.deepEqual(await made(2), ['/flags/n0000000002', 0n])
  assert.deepEqual(await made(3), ['/flags/n0000000003', mine])
  await client.close()
  const other = await server.client()
  assert.deepEqual(await other.children('/flags'), ['n0000000002'])
})

test('containers and TTL znodes have no owner that clients see', async () => {
  const client = await server.client()
  const container = await client.get(Operation.createContainer, create('/container', { flags: 4 }))
  assert.equal(container.stat.ephemeralOwner, 0n)
  const ttl = await client.get(Operation.createTTL, create('/ttl', { flags: 5, ttl: 100_000 }))
  assert.equal(ttl.stat.ephemeralOwner, 0n)
  const numbered = await client.get(Operation.createTTL, create('/ttl-', { flags: 6, ttl: 100_000 }))
  assert.match(numbered.path, /^\/ttl-\d{10}$/)
  await client.do('create', create('/container/child', { flags: 1 }))
  await client.do('create', create('/ttl/child'))
})

test('the number counts the creations under the parent, those without a number and those that are gone included', async () => {
  const client = await server.client()
  await client.do('create', create('/count'))
  const next = async () => (await client.get(Operation.create, create('/count/s-', { flags: 2 }))).path
  assert.equal(await next(), '/count/s-0000000000')
  await client.do('create', create('/count/plain'))
  assert.equal(await next(), '/count/s-0000000002')
  await client.do('delete', at('/count/plain'))
  await client.do('delete', at('/count/s-0000000002'))
  assert.equal(await next(), '/count/s-0000000003')
  await client.do('setData', set('/count'))
  assert.equal(await client.code('create', create('/count/s-0000000003')), 'NODEEXISTS')
  assert.equal(await next(), '/count/s-0000000004', 'what fails does not count')
})

test('a name may be the number alone', async () => {
  const client = await server.client()
  await client.do('create', create('/digits'))
  assert.equal((await client.get(Operation.create, create('/digits/', { flags: 2 }))).path, '/digits/0000000000')
  assert.equal(await client.code('create', create('/digits/', { flags: 0 })), 'BADARGUMENTS')
})

test('numbers go on after a restart', async () => {
  const durable = await startTestServer()
  try {
    const first = await durable.client()
    await first.do('create', create('/q'))
    for (let i = 0; i < 3; i++) await first.do('create', create('/q/n-', { flags: 2 }))
    await first.do('delete', at('/q/n-0000000002'))
    await durable.restart()
    const second = await durable.client()
    assert.equal((await second.get(Operation.create, create('/q/n-', { flags: 2 }))).path, '/q/n-0000000003')
    assert.equal(await second.code('exists', look('/q/n-0000000002')), 'NONODE')
  } finally {
    await durable.close()
  }
})
