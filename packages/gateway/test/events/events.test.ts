import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { ZooKeeper } from '@vivarium/client'
import { eventually } from '@vivarium/testing'
import { basic } from '../ask.ts'
import { type Heard, Listener } from '../listen.ts'
import { ManualClock } from '../manual-clock.ts'
import { type Started, started } from '../started.ts'

const brief = ({ event, data }: Heard): string => `${event} ${data.path}`

const again = (gateway: Started, path: string, last: Listener): Promise<Listener> =>
  Listener.open(gateway.port, path, { 'last-event-id': last.lastEventId ?? '' })

test('changes come as they happen: of a znode and its children, or of all below it', async () => {
  await using gateway = await started()
  const zk = await gateway.server.connect()
  await zk.create('/a')
  const [one, all] = await Promise.all([
    Listener.open(gateway.port, '/events?path=/a'),
    Listener.open(gateway.port, '/events?path=/a&recursive=true'),
  ])
  assert.equal(one.response.headers['content-type'], 'text/event-stream')
  assert.deepEqual((await one.next()).data, { paths: ['/a'], recursive: false, resumed: false })
  assert.equal((await all.next()).event, 'ready')
  const { stat } = await zk.create('/a/b')
  await zk.setData('/a/b', 'x')
  await zk.setData('/a', 'x')
  await zk.delete('/a/b')
  const told = await all.take(4)
  assert.deepEqual(told.map(brief), ['created /a/b', 'changed /a/b', 'changed /a', 'deleted /a/b'])
  assert.deepEqual(told[0]?.data, { type: 'created', path: '/a/b', zxid: `0x${stat.czxid.toString(16)}` })
  assert.deepEqual((await one.take(3)).map(brief), ['children /a', 'changed /a', 'children /a'])
  one.close()
  all.close()
})

test('a stream that comes back hears what it has missed, each once, and then goes on', async () => {
  await using gateway = await started()
  const zk = await gateway.server.connect()
  await zk.create('/a')
  const path = '/events?path=/a&recursive=true'
  const first = await Listener.open(gateway.port, path)
  await first.next()
  await zk.create('/a/1')
  await first.next()
  first.close()
  const witness = await Listener.open(gateway.port, path)
  await witness.next()
  for (const name of ['2', '3']) await zk.create(`/a/${name}`)
  await witness.take(2)
  const second = await again(gateway, path, first)
  assert.deepEqual((await second.next()).data, { paths: ['/a'], recursive: true, resumed: true })
  await zk.create('/a/4')
  assert.deepEqual((await second.take(3)).map(brief), ['created /a/2', 'created /a/3', 'created /a/4'])
  const third = await again(gateway, `${path}&path=/b`, second)
  assert.deepEqual((await third.take(2)).map(brief), ['ready undefined', 'gap /b'])
  for (const each of [second, third, witness]) each.close()
})

test('what nobody remembers is said to be missing', async () => {
  await using gateway = await started({ limits: { replayBytes: 200 } })
  const zk = await gateway.server.connect()
  const path = '/events?path=/&recursive=true'
  const first = await Listener.open(gateway.port, path)
  await first.next()
  for (let i = 0; i < 5; i++) await zk.create(`/n${i}`)
  await first.take(5)
  for (const id of ['nobody-3', 'x', `${first.heard[0]?.id}`]) {
    const later = await Listener.open(gateway.port, path, { 'last-event-id': id })
    const [ready, gap] = await later.take(2)
    assert.equal(ready?.data.resumed, false)
    assert.deepEqual(gap?.data, { path: '/', reason: 'unknown-id' })
    later.close()
  }
  first.close()
})

test('changes while the gateway had no connection are told when it is back, once and in order', async () => {
  await using gateway = await started()
  await using zk = await ZooKeeper.connect(gateway.server.address)
  for (const path of ['/a', '/a/gone', '/a/kept']) await zk.create(path)
  const stream = await Listener.open(gateway.port, '/events?path=/a&recursive=true')
  await stream.next()
  await zk.setData('/a', 'live')
  assert.equal(brief(await stream.next()), 'changed /a')
  // It reads what there is in few steps, one of which is over with each of these.
  for (let i = 0; i < 8; i++) await gateway.get('/stat?path=/a')
  gateway.server.link.refuse()
  while (stream.heard.at(-1)?.data.state !== 'suspended') await once(stream.response, 'data')
  await zk.delete('/a/gone')
  await zk.create('/a/new')
  await zk.setData('/a/kept', '1')
  await zk.setData('/a/kept', '2')
  await zk.create('/a/new/below')
  gateway.server.link.heal()
  const told = await stream.take(4)
  assert.deepEqual(told.map(brief), ['deleted /a/gone', 'created /a/new', 'changed /a/kept', 'created /a/new/below'])
  assert.ok(told.every(({ data }) => data.caughtUp))
  await zk.create('/a/last')
  const last = await stream.next()
  assert.deepEqual([brief(last), last.data.caughtUp], ['created /a/last', undefined])
  stream.close()
})

test('where there is too much to be read again, there is a gap', async () => {
  await using gateway = await started({ limits: { pictureZnodes: 2 } })
  const zk = await gateway.server.connect()
  for (const path of ['/a', '/a/1', '/a/2']) await zk.create(path)
  const stream = await Listener.open(gateway.port, '/events?path=/a&recursive=true')
  await stream.next()
  gateway.server.link.cut()
  assert.deepEqual((await stream.next()).data, { path: '/a', reason: 'reconnected' })
  stream.close()
})

test('a stream is only told what its identity may read', async () => {
  await using gateway = await started()
  const zk = await gateway.server.connect({ auth: [{ scheme: 'digest', auth: 'bob:secret' }] })
  const path = '/events?path=/&recursive=true'
  const [bob, eve] = await Promise.all([
    Listener.open(gateway.port, path, basic('bob')),
    Listener.open(gateway.port, path, basic('eve')),
  ])
  await Promise.all([bob.next(), eve.next()])
  await zk.create('/secret', { acl: [{ perms: 31, id: { scheme: 'auth', id: '' } }] })
  await zk.create('/open')
  assert.deepEqual((await bob.take(2)).map(brief), ['created /secret', 'created /open'])
  assert.equal(brief(await eve.next()), 'created /open')
  bob.close()
  eve.close()
})

test('a watch is shared, stays for a while after its last stream, and is let go', async () => {
  const clock = new ManualClock()
  await using gateway = await started({ clock, limits: { lingerMs: 5000 } }, { '4lw.commands.whitelist': 'wchs' })
  const zk = await gateway.server.connect()
  const path = '/events?path=/a'
  const streams = await Promise.all(Array.from({ length: 20 }, () => Listener.open(gateway.port, path)))
  await Promise.all(streams.map((stream) => stream.next()))
  const watches = async (): Promise<string> => /Total watches:\d+/.exec(await gateway.server.word('wchs'))?.[0] ?? ''
  assert.equal(await watches(), 'Total watches:1')
  await zk.create('/a')
  for (const stream of streams) assert.equal(brief(await stream.next()), 'created /a')
  for (const stream of streams) stream.close()
  const back = await again(gateway, path, streams[0] as Listener)
  assert.equal((await back.next()).data.resumed, true)
  back.close()
  await eventually('the watch is gone', async () => {
    clock.pass(5000)
    return (await watches()) === 'Total watches:0' || null
  })
})

test('there are only so many streams', async () => {
  await using gateway = await started({ limits: { streams: 1 } })
  const stream = await Listener.open(gateway.port, '/events?path=/')
  await stream.next()
  assert.equal((await gateway.get('/events?path=/')).json.code, 'TooMany')
  assert.equal((await gateway.get('/events')).status, 400)
  stream.close()
})
