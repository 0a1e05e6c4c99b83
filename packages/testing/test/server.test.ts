import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { type State, ZooKeeper } from '@vivarium/client'
import { commandKind, type StartOptions, startServer } from '../dist/index.js'

const WHERE: readonly (readonly [string, StartOptions])[] = [
  ['in this process', {}],
  ['in a process of its own', { separate: true }],
]

for (const [where, options] of WHERE) {
  test(`a server ${where} serves, stops, comes back with its data, and goes away with them`, async () => {
    const server = await startServer(options)
    const zk = await server.connect()
    await zk.create('/a', { data: 'kept' })
    await server.stop()
    assert.equal(server.isRunning, false)
    assert.equal(await server.mode(), null)
    await server.start()
    await server.serving()
    assert.equal((await zk.getData('/a')).data.toString(), 'kept')
    await server.kill()
    await server.start()
    assert.equal((await zk.getData('/a')).data.toString(), 'kept')
    await server.restart()
    assert.equal(await server.mode(), 'standalone')
    await server.close()
    assert.equal(zk.state, 'closed')
    assert.equal(existsSync(server.directory), false)
  })

  test(`sessions at a server ${where} expire at a word, each way that one can be named`, async () => {
    await using server = await startServer(options)
    const observer = await server.connect()
    const zk = await server.connect()
    for (const which of [zk, () => zk.session, () => zk.session?.id] as const) {
      await until(zk, 'connected')
      const { session } = zk
      await zk.create('/mine', { mode: 'EPHEMERAL' })
      const gone = observer.waitForDeletion('/mine')
      await server.expire((typeof which === 'function' ? which() : which) as ZooKeeper | bigint)
      await gone
      if (session?.isLive) await once(session.signal, 'abort')
      assert.equal(session?.isLive, false)
    }
  })
}

test('a server in this process cannot be paused, and says what to do', async () => {
  await using server = await startServer()
  assert.throws(() => server.pause(), /separate: true/)
})

test('a process that is paused says nothing, and goes on where it was', async () => {
  await using server = await startServer({ separate: true })
  const zk = await server.connect({ sessionTimeoutMs: 60_000 })
  await zk.create('/a')
  server.pause()
  assert.equal(await server.mode(), null)
  const asked = zk.exists('/a')
  server.resume()
  assert.notEqual(await asked, null)
  assert.equal(zk.state, 'connected')
})

test('a session expires while its client is cut off', async () => {
  await using server = await startServer()
  const link = await server.newLink()
  const zk = await ZooKeeper.connect(link.connectString)
  const { session } = zk
  link.block()
  await server.expire(session?.id ?? 0n)
  assert.equal(session?.isLive, true)
  link.heal()
  await until(zk, 'lost')
  assert.equal(session?.isLive, false)
  await zk.close()
})

test('its own settings come after those of the kit', async () => {
  await using server = await startServer({ config: { tickTime: '300', minSessionTimeout: '900' } })
  const zk = await server.connect({ sessionTimeoutMs: 1 })
  assert.equal(zk.session?.timeoutMs, 900)
})

test('a server that does not start is told with its log, and leaves nothing behind', async () => {
  const kind = commandKind('broken', 'sh -c "echo no such luck; exit 3"')
  await assert.rejects(startServer({ kind }), /exit code 3[\s\S]*no such luck/)
})

function until(zk: ZooKeeper, state: State): Promise<void> {
  return new Promise((resolve) => {
    if (zk.state === state) return resolve()
    const unsubscribe = zk.onState((change) => {
      if (change.state !== state) return
      unsubscribe()
      resolve()
    })
  })
}
