import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ClientPool } from '../../dist/clients/client-pool.js'
import { ManualClock } from '../manual-clock.ts'

/** Clients of it never get anywhere: nothing listens there. */
function pool(mostClients: number): { readonly pool: ClientPool; readonly clock: ManualClock } {
  const clock = new ManualClock()
  return { clock, pool: new ClientPool({ servers: '127.0.0.1:9', client: {}, mostClients, idleMs: 1000, clock }) }
}

test('one identity has one client, and another one another', async () => {
  const { pool: clients } = pool(5)
  const [first, again, other, nobody] = ['bob:a', 'bob:a', 'bob:b', null].map((who) => clients.acquire(who))
  assert.equal(first, again)
  assert.equal(new Set([first, other, nobody]).size, 3)
  await clients.close()
})

test('a client that nobody uses is closed after a while, and not before', async () => {
  const { pool: clients, clock } = pool(5)
  const client = clients.acquire('bob:a')
  clients.acquire('bob:a')
  clients.release(client)
  clock.pass(5000)
  assert.equal(client.zk.state, 'connecting')
  clients.release(client)
  clock.pass(999)
  assert.equal(clients.acquire('bob:a'), client)
  clients.release(client)
  clock.pass(1000)
  assert.equal(clients.size, 0)
  assert.equal(client.zk.state, 'closed')
})

test('where all clients are in use there is no room for another one', async () => {
  const { pool: clients } = pool(1)
  const client = clients.acquire('bob:a')
  assert.throws(() => clients.acquire('eve:a'), { status: 503, code: 'TooMany' })
  clients.release(client)
  assert.notEqual(clients.acquire('eve:a'), client)
  assert.equal(client.zk.state, 'closed')
  await clients.close()
})
