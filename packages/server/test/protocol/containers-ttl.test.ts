import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { AddWatchMode } from '@vivarium/protocol'
import { at, create, look, multi } from './requests.ts'
import type { TestClient } from './test-client.ts'
import { startTestServer } from './test-server.ts'

const server = await startTestServer({ 'znode.container.checkIntervalMs': '50', extendedTypesEnabled: 'true' })
after(() => server.close())

/** The server has looked for containers to remove since this was called. */
async function swept(client: TestClient): Promise<void> {
  const path = `/sweep-${client.session.sessionId}`
  await client.do('addWatch', { path, mode: AddWatchMode.PERSISTENT })
  await client.do('createTTL', create(path, { flags: 5, ttl: 1 }))
  assert.equal(await client.nextEvent(), `NodeDeleted ${path}`)
}

test('a container goes when its last child has gone, as if it was deleted', async () => {
  const client = await server.client()
  await client.do('createContainer', create('/container', { flags: 4 }))
  await client.do('create', create('/container/child'))
  await client.do('create', create('/container/other'))
  await client.do('delete', at('/container/other'))
  await swept(client)
  assert.equal(await client.code('exists', look('/container', true)), 'OK')
  await client.do('getChildren', look('/container', true))
  await client.do('getChildren', look('/', true))
  const { events } = await client.ask('delete', at('/container/child'))
  assert.deepEqual(events, ['NodeChildrenChanged /container'])
  assert.equal(await client.nextEvent(), 'NodeDeleted /container')
  assert.equal(await client.nextEvent(), 'NodeChildrenChanged /')
})

test('a container made by a multi goes as well, and one of opcode create with flag 4 is none', async () => {
  const client = await server.client()
  await client.do('multi', multi(['create', create('/multi', { flags: 4 })], ['create', create('/multi/child')]))
  await client.do('create', create('/plain', { flags: 4 }))
  await client.do('create', create('/plain/child'))
  await client.do('delete', at('/plain/child'))
  assert.equal(await client.code('exists', look('/multi', true)), 'OK')
  await client.do('delete', at('/multi/child'))
  assert.equal(await client.nextEvent(), 'NodeDeleted /multi')
  await swept(client)
  await swept(client)
  assert.equal(await client.code('exists', look('/plain')), 'OK')
})

test('a container that never had a child stays', async () => {
  const client = await server.client()
  await client.do('createContainer', create('/unused', { flags: 4 }))
  await swept(client)
  await swept(client)
  assert.equal(await client.code('exists', look('/unused')), 'OK')
})

test('unless it may be old only so long', async () => {
  const tidy = await startTestServer({
    'znode.container.checkIntervalMs': '50',
    'znode.container.maxNeverUsedIntervalMs': '1',
  })
  try {
    const client = await tidy.client()
    await client.do('createContainer', create('/unused', { flags: 4 }))
    if ((await client.code('exists', look('/unused', true))) === 'OK') {
      assert.equal(await client.nextEvent(), 'NodeDeleted /unused')
    }
  } finally {
    await tidy.close()
  }
})

test('a TTL znode goes when it is old enough and has no children', async () => {
  const client = await server.client()
  await client.do(
    'multi',
    multi(
      ['createTTL', create('/ttl', { flags: 5, ttl: 1 })],
      ['create', create('/ttl/child')],
      ['createTTL', create('/ttl-long', { flags: 5, ttl: 3_600_000 })],
    ),
  )
  await swept(client)
  await swept(client)
  assert.equal(await client.code('exists', look('/ttl', true)), 'OK')
  await client.do('delete', at('/ttl/child'))
  assert.equal(await client.nextEvent(), 'NodeDeleted /ttl')
  assert.equal(await client.code('exists', look('/ttl-long')), 'OK')
})

test('TTL znodes and containers are what they are after a restart', async () => {
  const client = await server.client()
  await client.do(
    'multi',
    multi(
      ['createTTL', create('/kept-ttl', { flags: 5, ttl: 1 })],
      ['create', create('/kept-ttl/child')],
      ['createContainer', create('/kept-container', { flags: 4 })],
      ['create', create('/kept-container/child')],
    ),
  )
  await server.restart()
  const again = await server.client()
  for (const path of ['/kept-ttl', '/kept-container']) {
    assert.equal((await again.stat(path)).ephemeralOwner, 0n)
    await again.do('exists', look(path, true))
    await again.do('delete', at(`${path}/child`))
    assert.equal(await again.nextEvent(), `NodeDeleted ${path}`)
  }
})
