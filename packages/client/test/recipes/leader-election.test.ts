import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LeaderElection } from '../../dist/recipes/index.js'
import { aborted, untilChildren, World } from './support/world.ts'

const PATH = '/leaders/e'

test('candidates lead in turns, one at a time', async (t) => {
  const peers = await (await World.start(t)).peers(3)
  let leading = 0
  const order: string[] = []
  const terms = peers.map(async ({ zk }, at) => {
    const election = new LeaderElection(zk, PATH, { id: `${at}` })
    let count = 0
    for await (const term of election.terms()) {
      assert.equal(++leading, 1)
      assert.equal(term.isHeld, true)
      order.push(`${at}`)
      await zk.sync('/')
      leading--
      if (++count === 4) break
    }
  })
  await Promise.all(terms)
  assert.equal(order.length, 12)
  await untilChildren(peers[0].zk, PATH, 0)
})

test('a term does its work and ends, whatever comes of it', async (t) => {
  const { zk } = await (await World.start(t)).peer()
  const election = new LeaderElection(zk, PATH, { id: 'me' })
  const seen = await election.run(async () => (await election.candidates()).map(({ data }) => data.toString()))
  assert.deepEqual(seen, ['me'])
  await assert.rejects(
    election.run(() => Promise.reject(new Error('out of ink'))),
    /out of ink/,
  )
  await untilChildren(zk, PATH, 0)
})

test('a term that the session did not outlive is over, and the next one comes', async (t) => {
  const peer = await (await World.start(t)).peer()
  const tokens: number[] = []
  for await (const term of new LeaderElection(peer.zk, PATH, { layout: 'kazoo' }).terms()) {
    assert.match(term.path, /__lock__\d{10}$/)
    tokens.push(term.token)
    if (tokens.length === 2) break
    await Promise.all([aborted(term.signal), peer.expire()])
  }
  assert.ok((tokens[1] as number) > (tokens[0] as number))
})

test('a candidate stops waiting when it is told to', async (t) => {
  const [a, b] = await (await World.start(t)).peers(2)
  const controller = new AbortController()
  await new LeaderElection(a.zk, PATH).run(async () => {
    const waiting = new LeaderElection(b.zk, PATH).terms({ signal: controller.signal }).next()
    await untilChildren(a.zk, PATH, 2)
    controller.abort()
    await assert.rejects(waiting, { name: 'AbortError' })
    await untilChildren(a.zk, PATH, 1)
  })
})
