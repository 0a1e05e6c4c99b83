import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SetPartitioner, type Share } from '../../dist/recipes/index.js'
import { aborted, type Peer, untilChildren, World } from './support/world.ts'

const PATH = '/partitions/p'
const ITEMS = ['a', 'b', 'c', 'd', 'e']

function sharesOf({ zk }: Peer, id: string, signal?: AbortSignal): AsyncGenerator<Share, never> {
  return new SetPartitioner(zk, PATH, ITEMS, { id, settleMs: 0 }).shares({ signal })
}

async function next(shares: AsyncGenerator<Share, never>): Promise<Share> {
  return (await shares.next()).value
}

test('the set is divided anew whenever a member comes or goes', async (t) => {
  const [a, b] = await (await World.start(t)).peers(2)
  const [mine, theirs] = [sharesOf(a, 'a'), sharesOf(b, 'b')]
  const all = await next(mine)
  assert.deepEqual(all.items, ITEMS)
  const second = next(theirs)
  const first = await next(mine)
  assert.equal(all.signal.aborted, true)
  assert.deepEqual(first.items, ['a', 'c', 'e'])
  assert.deepEqual((await second).items, ['b', 'd'])
  await theirs.return(undefined as never)
  assert.deepEqual((await next(mine)).items, ITEMS)
  await mine.return(undefined as never)
  await untilChildren(a.zk, `${PATH}/party`, 0)
  for (const item of ITEMS) assert.deepEqual(await a.zk.getChildren(`${PATH}/locks/${item}`), [])
})

test('no two have an item, though members come, go and lose their sessions', async (t) => {
  const peers = await (await World.start(t)).peers(3)
  const owners = new Map<string, number>()
  const controller = new AbortController()
  let divided = (): void => {}
  const members = peers.map(async (peer, at) => {
    for await (const { items, signal } of sharesOf(peer, `m${at}`, controller.signal)) {
      for (const item of items) {
        assert.equal(owners.get(item), undefined)
        owners.set(item, at)
      }
      if (owners.size === ITEMS.length) divided()
      await aborted(signal)
      for (const item of items) owners.delete(item)
    }
  })
  for (let round = 0; round < 6; round++) {
    const peer = peers[round % 3] as Peer
    await new Promise<void>((resolve) => {
      divided = resolve
      if (owners.size === ITEMS.length) resolve()
    })
    if (round % 2 === 0) await peer.expire()
    else await peer.cut()
  }
  controller.abort()
  for (const end of await Promise.allSettled(members)) {
    assert.equal((end as PromiseRejectedResult).reason.name, 'AbortError')
  }
})

test('its znodes are those of kazoo', async (t) => {
  const peer = await (await World.start(t)).peer()
  const shares = sharesOf(peer, 'host-1')
  const share = await next(shares)
  const [member] = await peer.zk.getChildren(`${PATH}/party`)
  assert.match(member ?? '', /^[0-9a-f]{32}-host-1$/)
  assert.match(share.locks.get('a')?.path ?? '', /^\/partitions\/p\/locks\/a\/.*__lock__0000000000$/)
  await shares.return(undefined as never)
})
