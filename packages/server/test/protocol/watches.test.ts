import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { AddWatchMode, digestId, Operation, type OperationName, WatcherType } from '@vivarium/protocol'
import { acl, at, auth, create, look, set, setAcl } from './requests.ts'
import { startTestServer } from './test-server.ts'

const server = await startTestServer()
after(() => server.close())

const { PERSISTENT, PERSISTENT_RECURSIVE } = AddWatchMode
const watchLists = (lists: Partial<Record<string, readonly string[] | null>> = {}, relativeZxid = 0) => ({
  relativeZxid,
  dataWatches: [],
  existWatches: [],
  childWatches: [],
  persistentWatches: [],
  persistentRecursiveWatches: [],
  ...lists,
})

test('exists and getData watch the data, once', async () => {
  const client = await server.client()
  await client.do('create', create('/data'))
  for (const name of ['exists', 'getData'] as const) {
    await client.do(name, look('/data', true))
    await client.do(name, look('/data', true))
    await client.do('create', create(`/data/${name}`))
    assert.deepEqual(await client.events(), [], 'children are not data')
    const { events } = await client.ask('setData', set('/data'))
    assert.deepEqual(events, ['NodeDataChanged /data'])
    assert.deepEqual((await client.ask('setData', set('/data'))).events, [])
  }
})

test('exists watches for a znode that is not there; other reads do not', async () => {
  const client = await server.client()
  for (const name of ['getData', 'getChildren', 'getChildren2'] as const) await client.ask(name, look('/wait', true))
  assert.equal(await client.code('exists', look('/wait', true)), 'NONODE')
  assert.deepEqual((await client.ask('create', create('/wait'))).events, ['NodeCreated /wait'])
  assert.deepEqual((await client.ask('delete', at('/wait'))).events, [])
})

test('getChildren and getChildren2 watch the list of children, once', async () => {
  const client = await server.client()
  await client.do('create', create('/list'))
  for (const name of ['getChildren', 'getChildren2'] as const) {
    await client.do(name, look('/list', true))
    await client.do('setData', set('/list'))
    assert.deepEqual((await client.ask('create', create('/list/a'))).events, ['NodeChildrenChanged /list'])
    await client.do(name, look('/list', true))
    await client.do('setData', set('/list/a'))
    assert.deepEqual((await client.ask('delete', at('/list/a'))).events, ['NodeChildrenChanged /list'])
  }
})

test('who watches data and children of a znode is told of its deletion once', async () => {
  const client = await server.client()
  await client.do('create', create('/both'))
  await client.do('getChildren', look('/', true))
  await client.do('getData', look('/both', true))
  await client.do('getChildren', look('/both', true))
  const { events } = await client.ask('delete', at('/both'))
  assert.deepEqual(events, ['NodeDeleted /both', 'NodeChildrenChanged /'])
})

test('an event carries the zxid of its change, and comes before the reply to it', async () => {
  const client = await server.client()
  const writer = await server.client()
  await client.ask('exists', look('/zxids', true))
  const { zxid } = await writer.ask('create', create('/zxids'))
  assert.equal(await client.nextEvent(), 'NodeCreated /zxids')
  await client.do('getData', look('/zxids', true))
  const own = await client.ask('setData', set('/zxids'))
  assert.deepEqual(own.events, ['NodeDataChanged /zxids'])
  assert.deepEqual(client.eventZxids, [zxid, own.zxid])
})

test('persistent watches stay, and hear of data and children of their znode', async () => {
  const client = await server.client()
  const response = await client.get(Operation.addWatch, { path: '/stays', mode: PERSISTENT })
  assert.equal(response.err, 0)
  const events: string[] = []
  for (const [name, request] of [
    ['create', create('/stays')],
    ['setData', set('/stays')],
    ['create', create('/stays/a')],
    ['setData', set('/stays/a')],
    ['create', create('/stays/a/b')],
    ['delete', at('/stays/a/b')],
    ['delete', at('/stays/a')],
    ['delete', at('/stays')],
    ['create', create('/stays')],
  ] as const) {
    events.push(...(await client.ask(name, request)).events)
  }
  assert.deepEqual(events, [
    'NodeCreated /stays',
    'NodeDataChanged /stays',
    'NodeChildrenChanged /stays',
    'NodeChildrenChanged /stays',
    'NodeDeleted /stays',
    'NodeCreated /stays',
  ])
})

test('recursive watches hear of all that is below, but of no lists of children', async () => {
  const client = await server.client()
  await client.do('addWatch', { path: '/rec', mode: PERSISTENT_RECURSIVE })
  const events: string[] = []
  for (const [name, request] of [
    ['create', create('/rec')],
    ['create', create('/rec/a')],
    ['create', create('/rec/a/b')],
    ['setData', set('/rec/a/b')],
    ['delete', at('/rec/a/b')],
    ['create', create('/recs')],
    ['delete', at('/rec/a')],
    ['delete', at('/rec')],
  ] as const) {
    events.push(...(await client.ask(name, request)).events)
  }
  assert.deepEqual(events, [
    'NodeCreated /rec',
    'NodeCreated /rec/a',
    'NodeCreated /rec/a/b',
    'NodeDataChanged /rec/a/b',
    'NodeDeleted /rec/a/b',
    'NodeDeleted /rec/a',
    'NodeDeleted /rec',
  ])
})

test('watches of several kinds at one path tell once, and only the one-shot one is used up', async () => {
  const client = await server.client()
  await client.do('create', create('/mix'))
  await client.do('addWatch', { path: '/mix', mode: PERSISTENT })
  await client.do('addWatch', { path: '/mix', mode: PERSISTENT_RECURSIVE })
  await client.do('getData', look('/mix', true))
  for (let i = 0; i < 2; i++) {
    assert.deepEqual((await client.ask('setData', set('/mix'))).events, ['NodeDataChanged /mix'])
  }
})

test('watches belong to the connection', async () => {
  const client = await server.client()
  await client.do('create', create('/gone'))
  await client.do('getData', look('/gone', true))
  await client.do('addWatch', { path: '/gone', mode: PERSISTENT })
  client.connection.destroy()
  const again = await client.reconnect()
  await again.do('setData', set('/gone'))
  assert.deepEqual(await again.events(), [])
})

test('who may not read is not told, and the watch is used up all the same', async () => {
  const owner = await server.client()
  await owner.do('auth', auth('digest', 'owner:secret'))
  const mine = [acl(31, 'digest', digestId('owner:secret'))]
  const open = [acl(31, 'world', 'anyone')]
  await owner.do('create', create('/secret'))
  await owner.do('create', create('/secret/a'))
  const client = await server.client()
  await client.do('getData', look('/secret', true))
  await client.do('getChildren', look('/secret', true))
  await client.do('getData', look('/secret/a', true))
  await client.ask('exists', look('/secret/b', true))
  assert.deepEqual((await owner.ask('setACL', setAcl('/secret', mine))).events, [])
  await owner.do('setData', set('/secret'))
  await owner.do('create', create('/secret/b'))
  await owner.do('create', create('/secret/c', { acl: mine }))
  await owner.do('setData', set('/secret/a'))
  await owner.do('setACL', setAcl('/secret', open))
  await owner.do('setData', set('/secret'))
  await owner.do('create', create('/secret/d'))
  // The list of /secret was closed; those of what is below it were not.
  assert.deepEqual(await client.events(), ['NodeCreated /secret/b', 'NodeDataChanged /secret/a'])
})

test('a watch is not left where the znode may not be read', async () => {
  const owner = await server.client()
  await owner.do('auth', auth('digest', 'owner:secret'))
  await owner.do('create', create('/unread', { acl: [acl(31, 'digest', digestId('owner:secret'))] }))
  const client = await server.client()
  for (const name of ['exists', 'getData', 'getChildren'] as const) {
    assert.equal(await client.code(name, look('/unread', true)), 'NOAUTH')
  }
  await owner.do('setACL', setAcl('/unread', [acl(31, 'world', 'anyone')]))
  await owner.do('setData', set('/unread'))
  assert.deepEqual(await client.events(), [])
})

for (const name of ['setWatches', 'setWatches2'] as const satisfies readonly OperationName[]) {
  test(`${name} tells what was missed, before its reply, and watches the rest`, async () => {
    const client = await server.client()
    for (const path of ['same', 'changed', 'gone', 'list', 'list-gone', 'list-same']) {
      await client.do('create', create(`/${name}-${path}`))
    }
    const { zxid } = await client.ask('ping')
    await client.do('setData', set(`/${name}-changed`))
    await client.do('delete', at(`/${name}-gone`))
    await client.do('create', create(`/${name}-list/a`))
    await client.do('delete', at(`/${name}-list-gone`))
    await client.do('create', create(`/${name}-new`))
    const request = watchLists(
      {
        dataWatches: [`/${name}-same`, `/${name}-changed`, `/${name}-gone`],
        existWatches: [`/${name}-new`, `/${name}-later`],
        childWatches: [`/${name}-list`, `/${name}-list-gone`, `/${name}-list-same`],
      },
      zxid,
    )
    const answer = await client.ask(name, request)
    assert.deepEqual(answer.events, [
      `NodeDataChanged /${name}-changed`,
      `NodeDeleted /${name}-gone`,
      `NodeCreated /${name}-new`,
      `NodeChildrenChanged /${name}-list`,
      `NodeDeleted /${name}-list-gone`,
    ])
    assert.deepEqual(client.eventZxids, [-1, -1, -1, -1, -1])
    assert.deepEqual([answer.code, answer.body.remaining], ['OK', 0])
    const later = [
      ...(await client.ask('setData', set(`/${name}-same`))).events,
      ...(await client.ask('create', create(`/${name}-later`))).events,
      ...(await client.ask('create', create(`/${name}-list-same/a`))).events,
      ...(await client.ask('setData', set(`/${name}-changed`))).events,
    ]
    assert.deepEqual(later, [
      `NodeDataChanged /${name}-same`,
      `NodeCreated /${name}-later`,
      `NodeChildrenChanged /${name}-list-same`,
    ])
  })
}

test('setWatches2 sets persistent watches again, and tells nothing of what they missed', async () => {
  const client = await server.client()
  await client.do('create', create('/again'))
  const lists = { persistentWatches: ['/again'], persistentRecursiveWatches: ['/again-rec'] }
  assert.deepEqual((await client.ask('setWatches2', watchLists(lists))).events, [])
  assert.deepEqual((await client.ask('setData', set('/again'))).events, ['NodeDataChanged /again'])
  assert.deepEqual((await client.ask('create', create('/again/a'))).events, ['NodeChildrenChanged /again'])
  assert.deepEqual((await client.ask('create', create('/again-rec'))).events, ['NodeCreated /again-rec'])
  assert.deepEqual((await client.ask('create', create('/again-rec/a'))).events, ['NodeCreated /again-rec/a'])
})

test('at a list that is null setWatches ends, with what came before it done', async () => {
  const client = await server.client()
  await client.do('create', create('/before-null'))
  const request = watchLists({ dataWatches: ['/before-null'], existWatches: null, childWatches: ['/'] }, 1e9)
  assert.equal(await client.code('setWatches', request), 'MARSHALLINGERROR')
  assert.deepEqual((await client.ask('setData', set('/before-null'))).events, ['NodeDataChanged /before-null'])
  assert.deepEqual((await client.ask('create', create('/behind-null'))).events, [])
})

test('setWatches asks for no rights, and no path', async () => {
  const owner = await server.client()
  await owner.do('create', create('/closed'))
  await owner.do('setACL', setAcl('/closed', [acl(16, 'world', 'anyone')]))
  const client = await server.client()
  const lists = { dataWatches: ['/closed', 'no path', ''], existWatches: ['/closed'] }
  const { events } = await client.ask('setWatches', watchLists(lists, -1))
  assert.deepEqual(events, [
    'NodeDataChanged /closed',
    'NodeDeleted no path',
    'NodeDataChanged ',
    'NodeCreated /closed',
  ])
})

test('checkWatches and removeWatches, by type', async () => {
  const client = await server.client()
  await client.do('create', create('/kinds'))
  const fill = async () => {
    await client.do('getData', look('/kinds', true))
    await client.do('getChildren', look('/kinds', true))
    await client.do('addWatch', { path: '/kinds', mode: PERSISTENT })
    await client.do('addWatch', { path: '/kinds', mode: PERSISTENT_RECURSIVE })
  }
  const check = async () => {
    const found: string[] = []
    for (const [name, type] of Object.entries(WatcherType)) {
      if ((await client.code('checkWatches', { path: '/kinds', type })) === 'OK') found.push(name)
    }
    return found
  }
  assert.deepEqual(await check(), [])
  await fill()
  assert.deepEqual(await check(), ['Children', 'Data', 'Any', 'Persistent', 'PersistentRecursive'])
  const without = async (type: keyof typeof WatcherType) => {
    await fill()
    assert.equal(await client.code('removeWatches', { path: '/kinds', type: WatcherType[type] }), 'OK')
    assert.equal(await client.code('removeWatches', { path: '/kinds', type: WatcherType[type] }), 'NOWATCHER')
    return await check()
  }
  assert.deepEqual(await without('Children'), ['Data', 'Any', 'Persistent', 'PersistentRecursive'])
  assert.deepEqual(await without('Data'), ['Children', 'Any', 'Persistent', 'PersistentRecursive'])
  assert.deepEqual(await without('Persistent'), ['Children', 'Data', 'Any', 'PersistentRecursive'])
  assert.deepEqual(await without('PersistentRecursive'), ['Children', 'Data', 'Any', 'Persistent'])
  assert.deepEqual(await without('Any'), [])
  assert.deepEqual((await client.ask('setData', set('/kinds'))).events, [], 'the server tells nothing of the removal')
})

test('watches of others are not those of this connection', async () => {
  const one = await server.client()
  const two = await server.client()
  await one.do('getData', look('/', true))
  assert.equal(await two.code('checkWatches', { path: '/', type: WatcherType.Data }), 'NOWATCHER')
  assert.equal(await two.code('removeWatches', { path: '/', type: WatcherType.Any }), 'NOWATCHER')
  assert.equal(await one.code('checkWatches', { path: '/', type: WatcherType.Data }), 'OK')
})

test('modes and types that do not exist are refused', async () => {
  const client = await server.client()
  for (const mode of [-1, 2, 99]) assert.equal(await client.code('addWatch', { path: '/', mode }), 'MARSHALLINGERROR')
  for (const type of [0, 6, -1]) {
    assert.equal(await client.code('checkWatches', { path: '/', type }), 'MARSHALLINGERROR')
    assert.equal(await client.code('removeWatches', { path: '/', type }), 'MARSHALLINGERROR')
  }
  assert.equal(await client.code('addWatch', { path: 'any text', mode: 0 }), 'OK')
})

test('the end of a session tells of each of its ephemeral znodes, with the zxid of the end', async () => {
  const client = await server.client()
  await client.do('create', create('/ends'))
  const leaving = await server.client()
  await leaving.do('create', create('/ends/a', { flags: 1 }))
  await leaving.do('create', create('/ends/b', { flags: 1 }))
  await client.do('addWatch', { path: '/ends', mode: PERSISTENT })
  await client.do('getData', look('/ends/a', true))
  await client.do('exists', look('/ends/b', true))
  const { zxid } = await leaving.ask('closeSession')
  const told: string[] = []
  for (let i = 0; i < 4; i++) told.push(await client.nextEvent())
  assert.deepEqual(told.sort(), [
    'NodeChildrenChanged /ends',
    'NodeChildrenChanged /ends',
    'NodeDeleted /ends/a',
    'NodeDeleted /ends/b',
  ])
  assert.deepEqual(client.eventZxids, [zxid, zxid, zxid, zxid])
})
