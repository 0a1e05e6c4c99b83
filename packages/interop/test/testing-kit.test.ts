import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually, startEnsemble, startServer } from '@vivarium/testing'
import { APACHE } from '../dist/server-process.js'
import { Suite } from '../dist/suite.js'

const suite = new Suite('testing kit')

// What the kit can do to our servers its own tests show.
test("the testing kit expires sessions, pauses and restarts Apache's server", (context) =>
  suite.withPeers(context, async () => {
    await using server = await startServer({ kind: APACHE })
    const zk = await server.connect()
    await zk.create('/mine', { mode: 'EPHEMERAL' })
    await server.expire(zk)
    assert.equal(await zk.exists('/mine', { acrossSessions: true }), null)
    server.pause()
    const asked = zk.create('/a')
    server.resume()
    await asked
    await server.restart()
    assert.notEqual(await zk.exists('/a'), null)
    suite.report(3, [])
  }))

test("the testing kit cuts members of Apache's ensemble off from each other", (context) =>
  suite.withPeers(context, async () => {
    await using ensemble = await startEnsemble(3, { kind: APACHE })
    const zk = await ensemble.connect({ sessionTimeoutMs: 30_000 })
    const old = await ensemble.leader()
    ensemble.isolate(old)
    await eventually('the leader gives up', async () => ((await old.mode()) === null ? true : null))
    const next = await ensemble.leader()
    assert.notEqual(next.sid, old.sid)
    await zk.create('/a', { retry: true })
    ensemble.heal()
    await eventually('it follows', async () => ((await old.mode()) === 'follower' ? true : null))
    await next.kill()
    await ensemble.settled()
    await ensemble.expire(zk)
    assert.notEqual(await zk.exists('/a', { acrossSessions: true }), null)
    suite.report(3, [])
  }))
