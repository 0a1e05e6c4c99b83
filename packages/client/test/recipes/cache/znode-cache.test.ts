import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ACL, Perm, ZooKeeper } from '../../../dist/index.js'
import { type CacheChange, type Missed, ZnodeCache } from '../../../dist/recipes/index.js'
import { record, until } from '../support/caches.ts'
import { withoutAddWatch } from '../support/old-server.ts'
import { World } from '../support/world.ts'

const PATH = '/app'

/** What a cache knows: data by path. */
function contents(cache: ZnodeCache): Record<string, string> {
  return Object.fromEntries([...cache.nodes()].map(({ path, data }) => [path, data.toString()]).sort())
}

/** What is there: data by path. */
async function truth(zk: ZooKeeper, path: string): Promise<Record<string, string>> {
  const found: Record<string, string> = { [path]: (await zk.getData(path)).data.toString() }
  for (const name of await zk.getChildren(path)) Object.assign(found, await truth(zk, `${path}/${name}`))
  return found
}

const sorted = (found: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(found).sort())

for (const watches of ['persistent', 'one-shot'] as const) {
  test(`a tree is read, and its changes are followed: ${watches}`, async (t) => {
    const [{ zk }, other] = await (await World.start(t)).peers(2)
    await other.zk.ensurePath('/app/a/b')
    await using cache = await ZnodeCache.start(zk, PATH, { watches })
    assert.deepEqual(contents(cache), { '/app': '', '/app/a': '', '/app/a/b': '' })
    const told = record(cache)
    await other.zk.setData('/app/a/b', 'x')
    await other.zk.create('/app/a/b/c', { data: 'y' })
    await cache.sync()
    assert.deepEqual(contents(cache), { '/app': '', '/app/a': '', '/app/a/b': 'x', '/app/a/b/c': 'y' })
    await other.zk.deleteRecursive('/app/a')
    await other.zk.create('/appendix')
    await cache.sync()
    assert.deepEqual(contents(cache), { '/app': '' })
    const deletions = ['deleted /app/a/b/c', 'deleted /app/a/b', 'deleted /app/a']
    assert.deepEqual(told, ['changed /app/a/b', 'created /app/a/b/c', ...deletions])
    assert.deepEqual(cache.children(PATH), [])
  })

  test(`what is not there yet is found when it comes, and when it comes again: ${watches}`, async (t) => {
    const [{ zk }, other] = await (await World.start(t)).peers(2)
    await using cache = await ZnodeCache.start(zk, PATH, { watches })
    assert.equal(cache.isSynced, true)
    for (let round = 0; round < 3; round++) {
      await other.zk.ensurePath(`/app/${round}`)
      await cache.sync()
      assert.deepEqual(Object.keys(contents(cache)), ['/app', `/app/${round}`])
      await other.zk.deleteRecursive(PATH)
      await cache.sync()
      assert.equal(cache.size, 0)
    }
  })

  test(`what happened while the connection was lost is told as it is: ${watches}`, async (t) => {
    const [peer, other] = await (await World.start(t)).peers(2)
    await other.zk.ensurePath('/app/goes/away')
    await other.zk.ensurePath('/app/stays')
    await other.zk.create('/app/again', { data: '1' })
    await using cache = await ZnodeCache.start(peer.zk, PATH, { watches })
    const told = record(cache)
    await peer.isolate()
    assert.equal(cache.isSynced, false)
    await other.zk.deleteRecursive('/app/goes')
    await other.zk.create('/app/comes')
    await other.zk.delete('/app/again')
    await other.zk.create('/app/again', { data: '1' })
    peer.reunite()
    await cache.synced()
    assert.deepEqual(sorted(contents(cache)), sorted(await truth(other.zk, PATH)))
    assert.equal(told[0], 'stale')
    assert.equal(told.at(-1), 'synced')
    assert.deepEqual(
      told
        .slice(1, -1)
        .filter((each) => !each.endsWith('/again'))
        .sort(),
      ['created /app/comes', 'deleted /app/goes', 'deleted /app/goes/away'],
    )
    // It is another znode of that name: told as two, whichever way it was learnt.
    assert.deepEqual(
      told.filter((each) => each.endsWith('/again')),
      ['deleted /app/again', 'created /app/again'],
    )
  })

  test(`it goes on in the next session: ${watches}`, async (t) => {
    const [peer, other] = await (await World.start(t)).peers(2)
    await other.zk.ensurePath('/app/stays')
    await peer.zk.create('/app/mine', { mode: 'EPHEMERAL' })
    await using cache = await ZnodeCache.start(peer.zk, PATH, { watches })
    const told = record(cache)
    await peer.expire()
    await cache.synced()
    assert.deepEqual(Object.keys(contents(cache)), ['/app', '/app/stays'])
    assert.equal(told.filter((each) => each === 'synced').length >= 1, true)
    assert.equal(told.includes('deleted /app/mine'), true)
    await other.zk.create('/app/stays/more')
    await until(cache, () => cache.get('/app/stays/more') !== null)
  })

  test(`after many changes under cuts it has what is there: ${watches}`, async (t) => {
    const [peer, other] = await (await World.start(t)).peers(2)
    await other.zk.ensurePath(PATH)
    await using cache = await ZnodeCache.start(peer.zk, PATH, { watches, concurrency: 4 })
    // A small generator: the same story in each run.
    let seed = 7
    const draw = (below: number): number => {
      seed = (seed * 1103515245 + 12345) % 2147483648
      return Math.floor((seed / 2147483648) * below)
    }
    for (let step = 0; step < 300; step++) {
      const path = `/app/${draw(3)}${draw(2) === 0 ? '' : `/${draw(3)}`}`
      const kind = draw(4)
      if (kind < 2) await other.zk.ensurePath(path)
      else if (kind === 2) await other.zk.deleteRecursive(path)
      else if ((await other.zk.exists(path)) !== null) await other.zk.setData(path, String(step))
      if (step % 60 !== 30) continue
      await peer.until('connected')
      if (step === 210) await peer.expire()
      else await peer.cut()
    }
    await cache.sync()
    assert.deepEqual(sorted(contents(cache)), sorted(await truth(other.zk, PATH)))
  })

  test(`depth and acceptance bound it: ${watches}`, async (t) => {
    const [{ zk }, other] = await (await World.start(t)).peers(2)
    await other.zk.ensurePath('/app/a/b/c')
    const accept = (path: string): boolean => !path.endsWith('/private')
    await using cache = await ZnodeCache.start(zk, PATH, { watches, accept, maxDepth: 2, withRoot: false })
    await other.zk.ensurePath('/app/a/d/e')
    await other.zk.ensurePath('/app/private/x')
    await cache.sync()
    assert.deepEqual(Object.keys(contents(cache)), ['/app/a', '/app/a/b', '/app/a/d'])
  })
}

test('the whole tree can be cached', async (t) => {
  const { zk } = await (await World.start(t)).peer()
  await zk.ensurePath('/a/b')
  await using cache = await ZnodeCache.start(zk, '/', { accept: (path) => !path.startsWith('/zookeeper') })
  await zk.create('/c')
  await cache.sync()
  assert.deepEqual(Object.keys(contents(cache)), ['/', '/a', '/a/b', '/c'])
})

test('a server that has no persistent watches gets those it has', async (t) => {
  const world = await World.start(t)
  const { zk } = await world.peer()
  const old = await ZooKeeper.connect((await withoutAddWatch(t, Number(zk.server?.split(':')[1]))) + world.chroot)
  t.after(() => old.close())
  await zk.ensurePath('/app/a')
  await using cache = await ZnodeCache.start(old, PATH)
  await zk.create('/app/a/b')
  await until(cache, () => cache.get('/app/a/b') !== null)
  await zk.setData('/app/a', 'x')
  await until(cache, () => cache.get('/app/a')?.data.toString() === 'x')
  await assert.rejects(ZnodeCache.start(old, PATH, { watches: 'persistent' }), { code: 'UNIMPLEMENTED' })
})

test('a tree is read a few znodes at a time', async (t) => {
  const [{ zk }, other] = await (await World.start(t)).peers(2)
  await other.zk.ensurePath(PATH)
  await Promise.all(Array.from({ length: 200 }, (_, i) => other.zk.create(`/app/${i}`)))
  let most = 0
  let now = 0
  const getData = zk.getData.bind(zk)
  zk.getData = (path, options) => {
    most = Math.max(most, ++now)
    return getData(path, options).finally(() => now--)
  }
  const cache = await ZnodeCache.start(zk, PATH, { concurrency: 5 })
  assert.equal(cache.size, 201)
  assert.equal(most, 5)
  await cache.close()
})

test('what cannot be read is told, and is not in the picture', async (t) => {
  const [{ zk }, other] = await (await World.start(t)).peers(2)
  await other.zk.ensurePath(PATH)
  const hidden: ACL[] = [{ perms: Perm.DELETE, id: { scheme: 'world', id: 'anyone' } }]
  await other.zk.create('/app/hidden', { acl: hidden })
  const cache = new ZnodeCache(zk, PATH)
  const told = record(cache)
  await cache.synced()
  assert.deepEqual(told, ['created /app', 'unreadable /app/hidden', 'synced'])
  await cache.close()
})

test('watches that someone removed are set again', async (t) => {
  const [{ zk }, other] = await (await World.start(t)).peers(2)
  await other.zk.ensurePath(PATH)
  await using cache = await ZnodeCache.start(zk, PATH)
  const told = record(cache)
  await zk.removeWatches(PATH, 'Any')
  await other.zk.create('/app/a')
  await until(cache, () => cache.get('/app/a') !== null)
  assert.equal(told[0], 'stale')
})

test('a loop gets the changes in their order, and ends with the cache', async (t) => {
  const [{ zk }, other] = await (await World.start(t)).peers(2)
  const cache = await ZnodeCache.start(zk, PATH)
  const changes = cache.changes()
  await other.zk.create(PATH)
  await other.zk.create('/app/a')
  await cache.sync()
  await other.zk.delete('/app/a')
  await cache.sync()
  await cache.close()
  const types: string[] = []
  for await (const change of changes) types.push(change.type)
  assert.deepEqual(types, ['created', 'created', 'deleted'])
  assert.equal((await cache.changes().next()).done, true)
})

test('a loop that falls behind is told so', async (t) => {
  const [{ zk }, other] = await (await World.start(t)).peers(2)
  await other.zk.ensurePath(PATH)
  await using cache = await ZnodeCache.start(zk, PATH)
  const changes = cache.changes({ limit: 2 })
  for (const name of ['a', 'b', 'c', 'd']) await other.zk.create(`/app/${name}`)
  await cache.sync()
  const next = async (): Promise<CacheChange | Missed | undefined> => (await changes.next()).value
  assert.deepEqual(await next(), { type: 'missed' })
  const last = await next()
  assert.ok(last?.type === 'created' && last.node.path === '/app/d')
  await changes.return?.()
})

test('a signal ends a loop, and the wait for a cache', async (t) => {
  const peer = await (await World.start(t)).peer()
  await using cache = await ZnodeCache.start(peer.zk, PATH)
  const end = new AbortController()
  await peer.isolate()
  const next = cache.changes({ signal: end.signal }).next()
  const started = ZnodeCache.start(peer.zk, '/other', { signal: end.signal })
  end.abort(new Error('enough'))
  await assert.rejects(next, { message: 'enough' })
  await assert.rejects(started, { message: 'enough' })
})

test('a closed cache takes its watch away and is not told any more', async (t) => {
  const { zk } = await (await World.start(t)).peer()
  await zk.create(PATH)
  const cache = await ZnodeCache.start(zk, PATH)
  assert.equal(await zk.checkWatches(PATH, 'PersistentRecursive'), true)
  await cache.close()
  assert.equal(await zk.checkWatches(PATH, 'PersistentRecursive'), false)
  assert.equal(cache.isSynced, false)
  await assert.rejects(cache.synced(), { code: 'CLOSED' })
  await assert.rejects(cache.sync(), { code: 'CLOSED' })
  await cache.close()
})

test('a cache closes with its client', async (t) => {
  const { zk } = await (await World.start(t)).peer()
  const cache = await ZnodeCache.start(zk, PATH)
  const next = cache.changes().next()
  await zk.close()
  assert.equal((await next).done, true)
  await assert.rejects(ZnodeCache.start(zk, PATH), { code: 'CLOSED' })
})

test('a bad path is refused at once', async (t) => {
  const { zk } = await (await World.start(t)).peer()
  assert.throws(() => new ZnodeCache(zk, 'app'), { code: 'BAD_ARGUMENT' })
  assert.throws(() => new ZnodeCache(zk, '/app', { concurrency: 0 }), { code: 'BAD_ARGUMENT' })
})
