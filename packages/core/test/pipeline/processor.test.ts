import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LocalSessions, sweepCandidates } from '@vivarium/core'
import { type ErrorTxn, errno, type MultiTxn, OpCode, type OperationName, Reader, type Txn } from '@vivarium/protocol'
import { create, createTTL, encode, pathOf, type Sub, setData, statOf, type TestClient, text } from './client.ts'
import { TestServer } from './server.ts'

const watch = (path: string) => ({ path, watch: true })
const look = (path: string) => ({ path, watch: false })

function dataOf(client: TestClient, path: string): string {
  return Buffer.from(new Reader(client.ask('getData', look(path)).body).buffer() ?? []).toString()
}

test('nothing is visible, and nothing answered, before it is on the disk', () => {
  const server = new TestServer()
  const [a, b] = [server.client(), server.client()]
  a.send('create', create('/x'))
  b.send('exists', look('/x'))
  assert.deepEqual(b.takeBrief(), ['1:NONODE'])
  assert.deepEqual(a.takeBrief(), [])
  assert.equal(server.processor.inProcess, 1)
  server.sync()
  assert.deepEqual(a.takeBrief(), ['1'])
  b.send('exists', look('/x'))
  assert.deepEqual(b.takeBrief(), ['2'])
  assert.equal(server.processor.inProcess, 0)
})

test('requests of a client are answered in order, and its reads see its writes', () => {
  const server = new TestServer()
  const client = server.client()
  client.send('create', create('/x')) // 1
  client.send('exists', look('/x')) // 2
  client.send('setData', setData('/x', 'y')) // 3
  client.send('exists', look('/x')) // 4
  client.send('sync', { path: '/' }) // 5
  client.send('delete', { path: '/x', version: 0 }) // 6 fails
  client.send('exists', look('/y')) // 7
  client.sendBytes(OpCode.setData, new Uint8Array(3)) // 8
  client.send('ping') // 9
  const { lastZxid } = server.preparer
  assert.deepEqual(client.take(), [])
  server.sync(lastZxid - 2)
  const first = client.take()
  assert.deepEqual(
    first.map(({ xid }) => xid),
    [1, 2],
  )
  assert.equal(statOf(first[1] as (typeof first)[0]).version, 0)
  server.sync(lastZxid - 1)
  const second = client.take()
  assert.deepEqual(
    second.map(({ xid }) => xid),
    [3, 4, 5],
  )
  assert.equal(statOf(second[1] as (typeof second)[0]).version, 1)
  server.sync()
  assert.deepEqual(client.takeBrief(), ['6:BADVERSION', '7:NONODE', '8:MARSHALLINGERROR', '-2'])
  assert.equal(server.processor.inProcess, 0)
})

test('clients do not wait for each other', () => {
  const server = new TestServer()
  const [a, b, c] = [server.client(), server.client(), server.client()]
  a.send('create', create('/a'))
  b.send('create', create('/b'))
  a.send('create', create('/a/x'))
  c.send('getChildren', look('/'))
  assert.deepEqual(c.takeBrief(), ['1'])
  const { lastZxid } = server.preparer
  server.sync(lastZxid - 1)
  assert.deepEqual([a.takeBrief(), b.takeBrief()], [['1'], ['1']])
  server.sync()
  assert.deepEqual([a.takeBrief(), b.takeBrief()], [['2'], []])
})

test('a sync waits for the writes of everybody, and uses up no zxid', () => {
  const server = new TestServer()
  const [a, b] = [server.client(), server.client()]
  a.send('create', create('/x'))
  const { lastZxid } = server.preparer
  b.send('sync', { path: '/s' })
  b.send('exists', look('/x'))
  a.send('create', create('/y'))
  b.send('exists', look('/y'))
  assert.deepEqual(b.take(), [])
  server.sync(lastZxid)
  assert.deepEqual(b.takeBrief(), ['1', '2', '3:NONODE'])
  server.sync()
  assert.equal(server.preparer.lastZxid, lastZxid + 1)
  // With nothing under way it is answered at once.
  b.send('sync', { path: '/s' })
  assert.equal(pathOf(b.take()[0] as NonNullable<ReturnType<TestClient['take']>[0]>), '/s')
})

test('a sync behind a refused request of its own is answered in turn', () => {
  const server = new TestServer()
  const [a, b] = [server.client(), server.client()]
  a.send('create', create('/x'))
  b.send('sync', { path: '/' })
  b.sendBytes(OpCode.create, new Uint8Array(0))
  b.send('sync', { path: '/' })
  assert.deepEqual(b.take(), [])
  server.sync()
  assert.deepEqual(b.takeBrief(), ['1', '2:MARSHALLINGERROR', '3'])
})

test('a refused request is answered at once where nothing is in front of it', () => {
  const server = new TestServer()
  const client = server.client()
  client.sendBytes(OpCode.create, new Uint8Array(0))
  assert.deepEqual(client.takeBrief(), ['1:MARSHALLINGERROR'])
  assert.equal(server.processor.inProcess, 0)
})

test('while the disk is full writes are refused, in turn, and reads go on', () => {
  const server = new TestServer()
  const client = server.client()
  client.send('create', create('/x'))
  server.processor.refuseWrites = errno('SYSTEMERROR')
  const { lastZxid } = server.preparer
  client.send('create', create('/y'))
  client.send('exists', look('/x'))
  assert.equal(server.preparer.lastZxid, lastZxid)
  server.sync()
  assert.deepEqual(client.takeBrief(), ['1', '2:SYSTEMERROR', '3'])
  client.send('create', create('/y'))
  assert.deepEqual(client.takeBrief(), ['4:SYSTEMERROR'])
  server.processor.refuseWrites = 0
  assert.equal(client.code('create', create('/y')), 'OK')
})

test('a watch event comes before the reply to the write that fires it', () => {
  const server = new TestServer()
  const [a, b] = [server.client(), server.client()]
  a.ask('create', create('/x'))
  a.ask('getData', watch('/x'))
  a.ask('exists', watch('/x/y'))
  a.ask('getChildren', watch('/x'))
  b.ask('exists', watch('/x/y'))
  a.send('create', create('/x/y'))
  a.send('setData', setData('/x', 'new'))
  const zxid = server.preparer.lastZxid
  b.send('ping')
  assert.deepEqual(b.takeBrief(), ['-2'])
  server.sync()
  assert.deepEqual(a.takeBrief(), [
    `event 1 /x/y @${zxid - 1}`,
    `event 4 /x @${zxid - 1}`,
    '5',
    `event 3 /x @${zxid}`,
    '6',
  ])
  assert.deepEqual(b.takeBrief(), [`event 1 /x/y @${zxid - 1}`])
})

test('a deferred read sets its watch when it is answered', () => {
  const server = new TestServer()
  const client = server.client()
  client.send('create', create('/x'))
  client.send('getData', watch('/x'))
  client.send('setData', setData('/x', 'y'))
  server.sync()
  assert.deepEqual(client.takeBrief(), ['1', '2', `event 3 /x @${server.preparer.lastZxid}`, '3'])
})

test('a session that closes takes its ephemeral znodes, those on their way too', () => {
  const server = new TestServer()
  const [client, other] = [server.client(), server.client()]
  client.ask('create', create('/e1', { flags: 1 }))
  client.ask('create', create('/e2', { flags: 1 }))
  other.ask('exists', watch('/e1'))
  other.ask('exists', watch('/e4'))
  client.send('delete', { path: '/e2', version: -1 })
  client.send('create', create('/e3', { flags: 1 }))
  client.send('create', create('/e4', { flags: 1 }))
  client.send('setData', setData('/e3', 'y'))
  client.send('delete', { path: '/e4', version: -1 })
  other.send('create', create('/e4', { flags: 1 }))
  client.send('closeSession')
  // It is over as soon as that is decided.
  client.send('exists', look('/'))
  client.send('create', create('/late', { flags: 1 }))
  other.send('create', create('/e1', { flags: 1 }))
  const closed = server.writes.findLast((txn) => txn.type === OpCode.closeSession) as Txn
  assert.deepEqual((closed.record as { paths2Delete: string[] }).paths2Delete.sort(), ['/e1', '/e3'])
  assert.ok(client.session.closing)
  server.sync()
  assert.deepEqual(client.takeBrief().at(-1), '8')
  assert.deepEqual(client.closed, ['the client closed its session'])
  assert.deepEqual(server.ended, [client.session])
  assert.equal(server.database.sessions.has(client.sessionId), false)
  assert.equal(server.sessions.get(client.sessionId), undefined)
  assert.deepEqual(server.tree.ephemeralsOf(other.sessionId).sort(), ['/e1', '/e4'])
  assert.equal(server.tree.ephemeralCount, 2)
  const events = other.takeBrief().filter((line) => line.startsWith('event'))
  const { zxid } = closed
  assert.deepEqual(events, [`event 1 /e4 @${zxid - 4}`, `event 2 /e1 @${zxid}`].sort(byZxid))
})

function byZxid(a: string, b: string): number {
  return Number(a.split('@')[1]) - Number(b.split('@')[1])
}

test('requests in front of closeSession are answered as if it was not there', () => {
  const server = new TestServer()
  const client = server.client()
  client.send('create', create('/x'))
  client.send('exists', look('/x'))
  client.send('sync', { path: '/x' })
  client.send('closeSession')
  server.sync()
  assert.deepEqual(client.takeBrief(), ['1', '2', '3', '4'])
})

test('a session that expires while requests of it are under way', () => {
  const server = new TestServer()
  const client = server.client()
  client.send('create', create('/e', { flags: 1 }))
  client.send('exists', look('/e'))
  server.expire(client)
  client.send('exists', look('/e'))
  client.send('sync', { path: '/' })
  server.sync()
  assert.deepEqual(client.takeBrief(), ['1', '2', '3:SESSIONEXPIRED', '4:SESSIONEXPIRED'])
  assert.deepEqual(server.ended, [client.session])
  assert.equal(server.processor.inProcess, 0)
  assert.equal(server.tree.find('/e') < 0, true)
})

test('a session may be ended twice', () => {
  const server = new TestServer()
  const client = server.client()
  client.ask('create', create('/e', { flags: 1 }))
  client.send('closeSession')
  server.expire(client)
  server.sync()
  assert.deepEqual(server.ended, [client.session])
  assert.equal(server.processor.inProcess, 0)
})

/** A request as a learner forwards it. */
function forwarded(name: OperationName, sessionId: bigint, cxid: number, request: unknown = null) {
  const body = name === 'createSession' ? new Uint8Array([0, 0, 40, 0]) : encode(name, request)
  return { sessionId, cxid, opType: OpCode[name], body }
}

test('the end of a session that another server asks for than the one that has it is refused', () => {
  const server = new TestServer()
  const { processor, sessions } = server
  const [before, now] = [{}, {}]
  const session = sessions.open(10_000, server.nowMs)
  processor.forwarded(before, forwarded('createSession', session.id, 0), [], server.nowMs)
  processor.forwarded(before, forwarded('create', session.id, 1, create('/e', { flags: 1 })), [], server.nowMs)
  server.sync()
  assert.equal(processor.revalidate(now, session.id, 10_000, server.nowMs), true)
  processor.forwarded(before, forwarded('closeSession', session.id, 2), [], server.nowMs)
  server.sync()
  assert.deepEqual(server.log.at(-1)?.record, { err: errno('SESSIONMOVED') })
  assert.deepEqual(server.ended, [])
  processor.forwarded(now, forwarded('closeSession', session.id, 3), [], server.nowMs)
  processor.forwarded(before, forwarded('closeSession', session.id, 2), [], server.nowMs)
  server.sync()
  processor.forwarded(before, forwarded('closeSession', session.id, 2), [], server.nowMs)
  server.sync()
  const ends = server.log.slice(-3).map(({ type, cxid, record }) => [type, cxid, record])
  assert.deepEqual(ends, [
    [OpCode.closeSession, 3, { paths2Delete: ['/e'] }],
    [OpCode.error, 2, { err: errno('SESSIONEXPIRED') }],
    [OpCode.error, 2, { err: errno('SESSIONEXPIRED') }],
  ])
})

test('what comes late of a session that has ended is refused, also where servers keep sessions to themselves', () => {
  const server = new TestServer()
  const { processor } = server
  const bounds = { minTimeoutMs: 2000, maxTimeoutMs: 20_000 }
  processor.locals = new LocalSessions({
    serverId: 3,
    tickMs: 1000,
    ...bounds,
    nowMs: 0,
    idTimeMs: 5000,
    upgrading: true,
  })
  const [owner, global, local] = [{}, 0x0200_0000_0000_0001n, 0x0200_0000_0000_0002n]
  processor.forwarded(owner, forwarded('createSession', global, 0), [], server.nowMs)
  processor.forwarded(owner, forwarded('closeSession', global, 2), [], server.nowMs)
  server.sync()
  processor.forwarded({}, forwarded('setData', global, 1, setData('/', 'late')), [], server.nowMs)
  processor.forwarded({}, forwarded('setData', local, 1, setData('/', 'elsewhere')), [], server.nowMs)
  server.sync()
  const [late, elsewhere] = server.log.slice(-2) as [Txn, Txn]
  assert.deepEqual(late.record, { err: errno('SESSIONEXPIRED') })
  assert.equal(elsewhere.type, OpCode.setData)
})

test('who writes through another server is alive, whatever that says of it or does not come to say', () => {
  const server = new TestServer()
  const { processor, sessions } = server
  const [owner, other] = [{}, {}]
  const session = sessions.open(10_000, server.nowMs)
  processor.forwarded(owner, forwarded('createSession', session.id, 0), [], server.nowMs)
  server.sync()
  server.nowMs += 8000
  processor.forwarded(owner, forwarded('setData', session.id, 1, setData('/', 'here')), [], server.nowMs)
  server.nowMs += 8000
  assert.deepEqual(sessions.expire(server.nowMs), [])
  processor.forwarded(other, forwarded('setData', session.id, 2, setData('/', 'moved')), [], server.nowMs)
  server.nowMs += 8000
  assert.deepEqual(sessions.expire(server.nowMs), [session], 'it is not with the other one')
})

test('a multi of a session that has ended is refused operation by operation, whoever forwards it', () => {
  const server = new TestServer()
  const operations: Sub[] = [
    ['check', { path: '/', version: -1 }],
    ['delete', { path: '/x', version: -1 }],
  ]
  server.processor.forwarded({}, forwarded('multi', 77n, 1, operations), [], server.nowMs)
  server.processor.forwarded({}, forwarded('setData', 77n, 2, setData('/', '')), [], server.nowMs)
  server.sync()
  const [multi, single] = server.log as [Txn, Txn]
  const errors = (multi.record as MultiTxn).txns.map(({ record }) => (record as ErrorTxn).err)
  assert.deepEqual([multi.type, errors], [OpCode.multi, [errno('SESSIONEXPIRED'), errno('RUNTIMEINCONSISTENCY')]])
  assert.deepEqual([single.type, single.record], [OpCode.error, { err: errno('SESSIONEXPIRED') }])
})

test('a parent can be deleted behind the end of the session whose znode it had', () => {
  const server = new TestServer()
  const [client, other] = [server.client(), server.client()]
  other.ask('create', create('/p'))
  client.ask('create', create('/p/e', { flags: 1 }))
  client.send('closeSession')
  other.send('delete', { path: '/p', version: -1 })
  server.sync()
  assert.deepEqual(other.takeBrief(), ['2'])
})

test('closeSession without the list of paths, as configured, does the same', () => {
  const server = new TestServer({ closeSessionPaths: false })
  const client = server.client()
  client.ask('create', create('/e', { flags: 1 }))
  client.send('closeSession')
  assert.equal(server.log.at(-1)?.record, null)
  server.sync()
  assert.equal(server.tree.find('/e') < 0, true)
})

test('what a connection that is gone waited for is forgotten, and its writes go on', () => {
  const server = new TestServer()
  const [client, other] = [server.client(), server.client()]
  client.send('create', create('/x'))
  client.send('exists', watch('/x'))
  client.send('sync', { path: '/' })
  client.sendBytes(OpCode.create, new Uint8Array(0))
  client.send('create', create('/y'))
  client.open = false
  server.processor.forget(client)
  assert.equal(server.processor.inProcess, 2)
  assert.equal(client.waiting.length, 0)
  assert.equal(client.waiting.bytes, 0)
  other.send('sync', { path: '/' })
  server.sync()
  assert.equal(server.processor.inProcess, 0)
  assert.deepEqual(client.take(), [])
  assert.deepEqual(other.takeBrief(), ['1'])
  assert.equal(server.database.watches.size, 0)
  assert.equal(dataOf(other, '/y'), 'x')
})

test('a connection that closes between two of its writes is answered no more', () => {
  const server = new TestServer()
  const client = server.client()
  client.send('create', create('/x'))
  client.send('exists', look('/x'))
  client.send('create', create('/y'))
  server.sync(server.preparer.lastZxid - 1)
  assert.deepEqual(client.takeBrief(), ['1', '2'])
  client.send('exists', look('/y'))
  client.open = false
  server.sync()
  assert.deepEqual(client.take(), [])
  assert.equal(server.processor.inProcess, 0)
})

test('containers and TTL znodes are deleted by the server, if they are empty', () => {
  const server = new TestServer({ extendedTypes: true })
  const client = server.client()
  client.ask('create', create('/plain'))
  client.ask('createContainer', create('/box', { flags: 4 }))
  client.ask('create', create('/box/x'))
  client.ask('exists', watch('/box'))
  const sweep = (path: string, mzxid: number): number => {
    server.processor.deleteContainer({ path, mzxid }, server.nowMs)
    server.sync()
    return server.log.at(-1)?.type ?? 0
  }
  assert.equal(sweep('/box', 3), OpCode.error)
  client.ask('delete', { path: '/box/x', version: -1 })
  assert.equal(sweep('/plain', 2), OpCode.error)
  assert.equal(sweep('/none', 0), OpCode.error)
  assert.equal(sweep('/zookeeper', 0), OpCode.error)
  assert.equal(sweep('/box', 3), OpCode.deleteContainer)
  assert.deepEqual(client.takeBrief(), [`event 2 /box @${server.preparer.lastZxid}`])
  assert.equal(server.log.at(-1)?.clientId, 0n)
})

test('a TTL znode that is touched, or made anew, after its time was over stays', () => {
  const server = new TestServer({ extendedTypes: true })
  const client = server.client()
  client.ask('createTTL', createTTL('/t', 5, 100))
  server.wallMs += 200
  const sweep = (): number => {
    const [candidate] = sweepCandidates(server.database.tree, server.wallMs, 0)
    assert.equal(candidate?.path, '/t')
    return candidate.mzxid
  }
  const mzxid = sweep()
  // Not even applied yet: the touch is on its way to the disk.
  client.send('setData', setData('/t', ''))
  server.processor.deleteContainer({ path: '/t', mzxid }, server.nowMs)
  server.sync()
  assert.equal(server.log.at(-1)?.type, OpCode.error)
  client.ask('delete', { path: '/t', version: -1 })
  client.ask('createTTL', createTTL('/t', 5, 100))
  server.processor.deleteContainer({ path: '/t', mzxid }, server.nowMs)
  server.sync()
  assert.equal(server.log.at(-1)?.type, OpCode.error)
  server.wallMs += 200
  server.processor.deleteContainer({ path: '/t', mzxid: sweep() }, server.nowMs)
  server.sync()
  assert.equal(server.log.at(-1)?.type, OpCode.deleteContainer)
})

test('latencies are from the arrival to the reply', () => {
  const server = new TestServer()
  const client = server.client()
  client.latencies.length = 0
  client.send('create', create('/x'))
  server.nowMs += 5
  client.send('exists', look('/x'))
  server.nowMs += 2
  server.sync()
  client.send('exists', look('/x'))
  assert.deepEqual(client.latencies, [7, 2, 0])
})

test('without digests transactions carry none', () => {
  const server = new TestServer({ digestEnabled: false })
  const client = server.client()
  client.send('create', create('/x'))
  client.send('setData', setData('/x', 'y'))
  server.sync()
  assert.deepEqual(
    server.log.map(({ digest }) => digest),
    [null, null, null],
  )
  assert.equal(dataOf(client, '/x'), 'y')
})

test('the history of digests has one entry for 128 zxids, and none of a replay', () => {
  const server = new TestServer()
  const client = server.client()
  for (let i = 2; i <= 256; i++) client.send('setData', setData('/', `${i}`))
  server.database.comparesDigests = false
  server.sync(200)
  server.database.comparesDigests = true
  server.sync()
  const { digestHigh: high, digestLow: low } = server.tree
  assert.deepEqual(server.database.digests.entries, [{ zxid: 256, high, low }])
})

test('many requests under way are applied, and forgotten, in parts', () => {
  const server = new TestServer()
  const client = server.client()
  client.ask('create', create('/q', { data: text('') }))
  const first = server.preparer.lastZxid
  for (let i = 0; i < 6000; i++) client.send('create', create('/q/', { flags: 3, data: null }))
  for (let zxid = first + 1; zxid < first + 6000; zxid += 997) server.sync(zxid)
  assert.equal(server.preparer.changes.size > 0, true)
  server.sync()
  assert.equal(client.take().length, 6000)
  client.send('closeSession')
  server.sync()
  assert.equal(server.tree.ephemeralCount, 0)
})
