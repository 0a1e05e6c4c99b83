import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GroupMember, LeaderLatch, Mutex, ServiceDiscovery } from '@vivarium/client/recipes'
import { eventually } from '@vivarium/testing'
import { ManualClock } from '../manual-clock.ts'
import { started } from '../started.ts'

const tokenOf = ({ token }: { token: string }): Record<string, string> => ({ 'vivarium-token': token })

test('a lock excludes, is passed on, and its fencing tokens grow', async () => {
  await using gateway = await started()
  const { get, post, delete: remove } = gateway
  const first = await post('/locks', { path: '/locks/a' })
  assert.deepEqual([first.status, first.json.held], [201, true])
  const refused = await post('/locks', { path: '/locks/a' })
  assert.deepEqual([refused.status, refused.json.code], [409, 'NotAcquired'])
  const waiting = post('/locks', { path: '/locks/a', timeoutMs: 30_000, data: 'second' })
  const zk = await gateway.server.connect()
  for (;;) {
    const { json } = await get('/recipes?path=/locks/a')
    if (json[0].total < 2) continue
    assert.deepEqual([json[0].kind, json[0].holding, json[0].holder.node], ['lock', 1, first.json.node])
    assert.deepEqual([json[0].fencingToken, json[0].queue[1].data], [first.json.fencingToken, 'second'])
    assert.equal(json[0].holder.owner, first.json.session)
    break
  }
  assert.equal((await remove(`/locks/${first.json.id}`, tokenOf(first.json))).status, 200)
  const second = await waiting
  assert.ok(BigInt(second.json.fencingToken) > BigInt(first.json.fencingToken))
  assert.equal((await get(`/locks/${second.json.id}`, tokenOf(second.json))).json.held, true)
  assert.equal((await get(`/locks/${second.json.id}`, tokenOf(first.json))).json.code, 'NoSession')
  assert.equal((await get(`/elections/${second.json.id}`, tokenOf(second.json))).json.code, 'NotFound')
  assert.equal(await new Mutex(zk, '/locks/a').tryAcquire(), null)
  await remove(`/sessions/${second.json.session}`, tokenOf(second.json))
  await new Mutex(zk, '/locks/a').acquire({ timeoutMs: 30_000 })
})

test('a lock goes with its lease', async () => {
  const clock = new ManualClock()
  await using gateway = await started({ clock })
  const { json: lock } = await gateway.post('/locks', { path: '/locks/a', layout: 'kazoo', leaseMs: 2000 })
  const zk = await gateway.server.connect()
  const mutex = new Mutex(zk, '/locks/a', { layout: 'kazoo' })
  assert.equal(await mutex.tryAcquire(), null)
  clock.pass(2000)
  await mutex.acquire({ timeoutMs: 30_000 })
  assert.equal((await gateway.get(`/locks/${lock.id}`, tokenOf(lock))).json.code, 'NoSession')
})

test('several things are held in one session, and end with it', async () => {
  await using gateway = await started()
  const { get, post, delete: remove } = gateway
  const { json: lease } = await post('/sessions', {})
  const inIt = { session: lease.session }
  const lock = await post('/locks', { path: '/locks/a', ...inIt }, tokenOf(lease))
  const member = await post('/groups', { path: '/groups/g', id: 'm1', data: 'host-1', ...inIt }, tokenOf(lease))
  assert.deepEqual([lock.json.session, member.json.session], [lease.session, lease.session])
  assert.deepEqual([member.json.node, member.json.held], ['/groups/g/m1', true])
  const [group] = (await get('/groups?path=/groups/g')).json
  assert.deepEqual([group.kind, group.queue[0].data, group.queue[0].owner], ['group', 'host-1', lease.session])
  // What is written only while the lock is held: its znode is checked in the same multi.
  const ops = [
    { type: 'check', path: lock.json.node },
    { type: 'create', path: '/written' },
  ]
  assert.equal((await post('/multi', { ops })).status, 200)
  await remove(`/sessions/${lease.session}`, tokenOf(lease))
  assert.deepEqual((await get('/groups?path=/groups/g')).json, [])
  assert.equal((await post('/multi', { ops })).json.code, 'NoNode')
})

test('a candidate leads when its turn comes, among those of other programs', async () => {
  await using gateway = await started()
  const { get, post, delete: remove } = gateway
  const zk = await gateway.server.connect()
  const latch = new LeaderLatch(zk, '/elections/e', { id: 'java' })
  const { token } = await latch.leadership()
  const { json: candidate } = await post('/elections', { path: '/elections/e', id: 'http' })
  assert.deepEqual([candidate.held, candidate.fencingToken], [false, null])
  const [election] = (await get('/elections?path=/elections/e')).json
  assert.deepEqual(
    [election.kind, election.holder.data, election.queue.map(({ data }: { data: string }) => data)],
    ['election', 'java', ['java', 'http']],
  )
  const leading = get(`/elections/${candidate.id}?waitMs=30000`, tokenOf(candidate))
  await latch.close()
  const { json } = await leading
  assert.equal(json.held, true)
  assert.ok(BigInt(json.fencingToken) > BigInt(token))
  await remove(`/elections/${candidate.id}`, tokenOf(candidate))
  assert.deepEqual((await get('/elections?path=/elections/e')).json, [])
})

test('services and members are found by programs of other kinds, and the other way round', async () => {
  await using gateway = await started()
  const { get, post, delete: remove } = gateway
  const zk = await gateway.server.connect()
  await using discovery = new ServiceDiscovery(zk, '/services')
  await discovery.register({ name: 'worker', id: 'a', address: '10.0.0.1', port: 1 })
  const service = { path: '/services', name: 'worker', id: 'b', address: '10.0.0.2', port: 2, payload: { zone: 'x' } }
  const { json: registered } = await post('/services', service)
  assert.deepEqual(
    (await discovery.instances('worker')).map(({ id, port, payload }) => [id, port, payload]),
    [
      ['a', 1, null],
      ['b', 2, { zone: 'x' }],
    ],
  )
  assert.deepEqual((await get('/services?path=/services')).json.names, ['worker'])
  const { instances } = (await get('/services?path=/services&name=worker')).json
  assert.deepEqual(
    instances.map(({ id, address }: { id: string; address: string }) => [id, address]),
    [
      ['a', '10.0.0.1'],
      ['b', '10.0.0.2'],
    ],
  )
  const [found] = (await get('/recipes?path=/services&depth=1')).json
  assert.deepEqual([found.kind, found.path, found.total], ['service', '/services/worker', 2])
  await remove(`/services/${registered.id}`, tokenOf(registered))
  assert.equal((await discovery.instances('worker')).length, 1)
  await using member = await GroupMember.join(zk, '/groups/g', 'm2')
  assert.equal((await get('/groups?path=/groups/g')).json[0].queue[0].node, `/groups/g/${member.id}`)
})

test('a caller that goes away while it waits leaves its place', async () => {
  await using gateway = await started()
  const { get, post, delete: remove } = gateway
  const { json: first } = await post('/locks', { path: '/locks/a' })
  const waiting = new AbortController()
  const asked = fetch(`http://127.0.0.1:${gateway.port}/api/v1/locks`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ path: '/locks/a', timeoutMs: 60_000 }),
    signal: waiting.signal,
  })
  const total = async (count: number): Promise<true | null> =>
    (await get('/locks?path=/locks/a')).json[0]?.total === count || null
  await eventually('it waits', () => total(2))
  waiting.abort()
  await assert.rejects(asked)
  await eventually('it has gone', () => total(1))
  assert.equal((await remove(`/locks/${first.id}`, tokenOf(first))).status, 200)
})

test('what is not to be had leaves nothing behind', async () => {
  await using gateway = await started()
  const { post, get } = gateway
  const zk = await gateway.server.connect()
  await zk.create('/closed', { acl: [{ perms: 1, id: { scheme: 'world', id: 'anyone' } }] })
  for (const [url, body] of [
    ['/locks', { path: '/closed' }],
    ['/elections', { path: '/closed' }],
  ] as const) {
    assert.deepEqual((await post(url, { ...body, timeoutMs: 30_000 })).json.code, 'NoAuth', url)
  }
  await post('/groups', { path: '/groups/g', id: 'm' })
  const occupied = await post('/groups', { path: '/groups/g', id: 'm' })
  assert.deepEqual([occupied.status, occupied.json.code], [409, 'NotAcquired'])
  const wrong = { path: '/a', session: '0x1', id: 'x' }
  assert.equal((await post('/groups', wrong)).json.code, 'NoSession')
  assert.deepEqual((await get('/children?path=/closed')).json.children, [])
})
