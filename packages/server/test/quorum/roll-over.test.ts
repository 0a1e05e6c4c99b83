import assert from 'node:assert/strict'
import { test } from 'node:test'
import { counterOf, epochOf, OpCode } from '@vivarium/protocol'
import { create, encode, requestFrame } from '../protocol/requests.ts'
import type { TestClient } from '../protocol/test-client.ts'
import { startEnsemble, type TestEnsemble } from './ensemble.ts'

/** So many transactions before a leader is told that its epoch comes to its end. */
const LEFT = 30
const NEAR_THE_END = { initialCounter: 0xffff_0000 - LEFT }
const EPHEMERAL = 1
/** How many requests a client has under way. */
const AHEAD = 8
const MANY = 1000

const epoch = (ensemble: TestEnsemble, sid: number): number =>
  epochOf(ensemble.server(sid).database.tree.lastProcessedZxid)

/** Sends creates, always some of them ahead of the answers. Returns the answers until the server closes the connection. */
async function pour(ensemble: TestEnsemble, client: TestClient, name: string, count: number): Promise<string[]> {
  const answers: string[] = []
  const ask = (number: number): void =>
    client.connection.send(requestFrame(number, OpCode.create, encode('create', create(`/${name}-${number}`))))
  for (let number = 1; number <= AHEAD; number++) ask(number)
  while (answers.length < count) {
    const reply = await ensemble.run(client.reply())
    if (reply === null || reply === undefined) break
    answers.push(reply.code)
    assert.equal(reply.xid, answers.length)
    ask(answers.length + AHEAD)
  }
  return answers
}

test('before the counter of an epoch runs out a new one begins, and everything is answered or has not happened', async (t) => {
  const ensemble = await startEnsemble(t, 3, NEAR_THE_END, 1)
  const clients = await Promise.all(ensemble.sids.map((sid) => ensemble.client(sid)))
  const [first] = clients
  await ensemble.run((first as TestClient).do('create', create('/session', { flags: EPHEMERAL })))
  const before = epoch(ensemble, 3)
  const answers = await Promise.all(clients.map((client, i) => pour(ensemble, client, `c${ensemble.sids[i]}`, 40)))
  await ensemble.settled()
  const back = await ensemble.client(1, (first as TestClient).session)
  assert.equal(back.session.sessionId, (first as TestClient).session.sessionId, 'sessions go on')
  await ensemble.run(back.do('create', create('/next', { flags: EPHEMERAL })))
  await ensemble.assertEqual()
  assert.equal(epoch(ensemble, 3), before + 1)
  const names = new Set(await ensemble.run(back.children('/')))
  for (const [i, sid] of ensemble.sids.entries()) {
    const got = answers[i] as string[]
    assert.deepEqual([...new Set(got)], ['OK'], `server ${sid}`)
    assert.ok(got.length < MANY, 'it came in between')
    for (let number = 1; number <= got.length + AHEAD; number++) {
      const answered = number <= got.length
      assert.equal(names.has(`c${sid}-${number}`), answered, `/c${sid}-${number} of ${got.length} that were answered`)
    }
  }
  assert.match(ensemble.log(3).lines.join('\n'), /No longer leader: the counter of its epoch is about to run out/)
})

test('the election takes no time to speak of, and comes again and again', async (t) => {
  const ensemble = await startEnsemble(t, 3, NEAR_THE_END)
  const before = epoch(ensemble, 3)
  let { session } = await ensemble.client(1)
  let worstMs = 0
  for (let round = 0; round < 5; round++) {
    const client = await ensemble.client(1, session)
    session = client.session
    await pour(ensemble, client, `r${round}`, MANY)
    const sinceMs = ensemble.clock.monotonicMs()
    const leader = await ensemble.settled()
    worstMs = Math.max(worstMs, ensemble.clock.monotonicMs() - sinceMs)
    const next = await ensemble.client(1, session)
    await ensemble.run(next.do('create', create(`/after-${round}`)))
    assert.ok(counterOf(ensemble.server(leader).database.tree.lastProcessedZxid) < 0xffff_0000)
  }
  await ensemble.assertEqual()
  assert.equal(epoch(ensemble, 3), before + 5)
  assert.ok(worstMs < 100, `${worstMs} ms of the ensemble's clock`)
})

test('sessions that expire and containers that are swept just then are, in the next epoch', async (t) => {
  const ensemble = await startEnsemble(t, 3, { ...NEAR_THE_END, containerCheckIntervalMs: 1000 })
  const quiet = await Promise.all(Array.from({ length: LEFT - 8 }, () => ensemble.client(2, { timeOut: 4000 })))
  const busy = await ensemble.client(3, { timeOut: 20_000 })
  await ensemble.run(busy.do('createContainer', create('/container', { flags: 4 })))
  await ensemble.run(busy.do('create', create('/container/child')))
  await ensemble.run(busy.do('delete', { path: '/container/child', version: -1 }))
  const before = epoch(ensemble, 3)
  await ensemble.until(() => ensemble.running.every((sid) => ensemble.server(sid).database.sessions.size <= 1))
  await ensemble.until(() => ensemble.server(1).database.tree.find('/container') < 0)
  await ensemble.settled()
  assert.equal(epoch(ensemble, 3), before + 1)
  assert.equal(quiet.length, LEFT - 8)
  await ensemble.run((await ensemble.client(3)).do('create', create('/later')))
  await ensemble.assertEqual()
})
