import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { ListenOptions } from '@vivarium/env'
import { NodeNetwork } from '@vivarium/env/node'
import { RawConnection } from '../protocol/raw-connection.ts'
import { acl, at, auth, connectFrame, create, encode, look, requestFrame, set } from '../protocol/requests.ts'
import { type Standalone, startStandalone, temporaryDirectory } from './standalone.ts'

const files = ({ dataDir }: Standalone, start: string): string[] =>
  readdirSync(join(dataDir, 'version-2')).filter((name) => name.startsWith(start))
const sizeOf = ({ dataDir }: Standalone, name: string): number => statSync(join(dataDir, 'version-2', name)).size
const timeOut = async (server: Standalone, asked: number): Promise<number> =>
  (await server.client({ timeOut: asked })).session.timeOut

test('session timeouts are held between 2 and 20 ticks, or what is set', async (t) => {
  const bounds = [
    [{}, 6000, 60_000],
    [{ tickTime: 1000 }, 2000, 20_000],
    [{ tickTime: 1000, minSessionTimeout: 500, maxSessionTimeout: 700 }, 500, 700],
  ] as const
  for (const [settings, least, most] of bounds) {
    const server = await startStandalone(t, settings)
    assert.deepEqual([await timeOut(server, 1), await timeOut(server, 10_000_000)], [least, most])
  }
})

test('maxClientCnxns and maxCnxns refuse the connection that is one too many', async (t) => {
  for (const key of ['maxClientCnxns', 'maxCnxns']) {
    const server = await startStandalone(t, { [key]: 1 })
    await server.client()
    await assert.rejects(server.client(), /refused/)
    await server.log.until(new RegExp(`^warn: Refused a connection: .*\\(${key}\\)`))
  }
})

test('a connection that says nothing is closed after nio.sessionlessCnxnTimeout', async (t) => {
  const server = await startStandalone(t, { 'nio.sessionlessCnxnTimeout': 1 })
  assert.deepEqual((await (await RawConnection.open(server.port)).untilClosed()).frames, [])
  assert.equal(await server.metric('sessionless_connections_expired'), '1')
})

test('a frame longer than jute.maxbuffer ends the connection', async (t) => {
  const server = await startStandalone(t, { 'jute.maxbuffer': 200 })
  const client = await server.client()
  const room = 200 - 8 - encode('create', create('/a')).length
  await client.do('create', create('/a', { data: 'x'.repeat(room) }))
  client.connection.send(requestFrame(9, 1, encode('create', create('/b', { data: 'x'.repeat(room + 1) }))))
  assert.deepEqual(await client.untilClosed(), [])
})

test('TTL znodes exist only with extendedTypesEnabled', async (t) => {
  for (const [enabled, code] of [
    ['true', 'OK'],
    ['false', 'UNIMPLEMENTED'],
  ]) {
    const server = await startStandalone(t, { extendedTypesEnabled: enabled as string })
    const client = await server.client()
    client.connection.send(requestFrame(1, 21, encode('createTTL', create('/ttl', { flags: 5, ttl: 1000 }))))
    assert.equal((await client.reply())?.code, code)
  }
})

test('containers are looked for every znode.container.checkIntervalMs', async (t) => {
  const server = await startStandalone(t, {
    'znode.container.checkIntervalMs': 1,
    'znode.container.maxNeverUsedIntervalMs': 1,
  })
  const client = await server.client()
  const watching = await server.client()
  await watching.do('addWatch', { path: '/unused', mode: 0 })
  await client.do('createContainer', create('/unused', { flags: 4 }))
  assert.equal(await watching.nextEvent(), 'NodeCreated /unused')
  assert.equal(await watching.nextEvent(), 'NodeDeleted /unused')
})

test('hard quotas are enforced with enforceQuota only', async (t) => {
  for (const [enforced, code] of [
    ['true', 'QUOTAEXCEEDED'],
    ['false', 'OK'],
  ]) {
    const server = await startStandalone(t, { enforceQuota: enforced as string })
    const client = await server.client()
    await client.do('create', create('/q'))
    await client.do('create', create('/zookeeper/quota/q'))
    const limits = 'count=-1,bytes=-1=;byteHardLimit=-1;countHardLimit=1'
    await client.do('create', create('/zookeeper/quota/q/zookeeper_limits', { data: limits }))
    await client.do('create', create('/zookeeper/quota/q/zookeeper_stats', { data: 'count=0,bytes=0' }))
    assert.equal(await client.code('create', create('/q/one')), code)
  }
})

/** Sizes of Apache ZooKeeper's first snapshot with the same settings. */
test('snapshots end with the sections that are switched on', async (t) => {
  const sizes = [
    ['true', 'true', 478],
    ['false', 'true', 445],
    ['true', 'false', 457],
    ['false', 'false', 424],
  ] as const
  for (const [digest, lastZxid, size] of sizes) {
    const settings = { 'digest.enabled': digest, 'serializeLastProcessedZxid.enabled': lastZxid }
    assert.equal(sizeOf(await startStandalone(t, settings), 'snapshot.0'), size)
  }
})

test('what a snapshot ends with is seen by the reader, whatever is switched on by now', async (t) => {
  const dataDir = temporaryDirectory(t)
  for (const digest of ['true', 'false']) {
    for (const lastZxid of ['true', 'false']) {
      const settings = { dataDir, 'digest.enabled': digest, 'serializeLastProcessedZxid.enabled': lastZxid }
      const server = await startStandalone(t, settings)
      await (await server.client()).do('create', create(`/${digest}-${lastZxid}`))
      assert.ok(await server.server.server.takeSnapshot())
      assert.deepEqual(
        server.log.lines.filter((line) => /^(?:warn|error)/.test(line)),
        [],
      )
      await server.close()
    }
  }
  const server = await startStandalone(t, { dataDir })
  assert.equal((await (await server.client()).children('/')).length, 5)
})

test('the log names the ephemeral znodes of a session that closes, unless closeSessionTxn.enabled is false', async (t) => {
  for (const [enabled, times] of [
    ['true', 2],
    ['false', 1],
  ] as const) {
    const server = await startStandalone(t, { 'closeSessionTxn.enabled': enabled })
    const client = await server.client()
    await client.do('create', create('/passing', { flags: 1 }))
    await client.close()
    const log = readFileSync(join(server.dataDir, 'version-2', 'log.1'), 'latin1')
    assert.equal(log.split('/passing').length - 1, times)
  }
})

test('a log file grows by preAllocSize, and not ahead of its use with 0', async (t) => {
  const small = await startStandalone(t, { preAllocSize: 32 })
  await small.client()
  assert.equal(sizeOf(small, 'log.1'), 32 * 1024)
  const none = await startStandalone(t, { preAllocSize: 0 })
  await none.client()
  assert.ok(sizeOf(none, 'log.1') < 200)
})

test('snapshots are taken after snapCount transactions, or snapSizeLimitInKb', async (t) => {
  for (const [key, value] of [
    ['snapCount', 10],
    ['snapSizeLimitInKb', 1],
  ] as const) {
    const server = await startStandalone(t, { [key]: value })
    const client = await server.client()
    await client.do('create', create('/a'))
    for (let i = 0; i < 10; i++) await client.do('setData', set('/a', 'x'.repeat(100)))
    await server.log.until(/^info: snapshot written .*snapshot\.[1-9a-f]/)
    assert.ok(files(server, 'log.').length > 1, 'a snapshot begins a new log file')
  }
})

test('a log file that is longer than txnLogSizeLimitInKb is followed by another', async (t) => {
  const server = await startStandalone(t, { txnLogSizeLimitInKb: 1 })
  const client = await server.client()
  for (let i = 0; i < 4; i++) await client.do('create', create(`/a${i}`, { data: 'x'.repeat(1024) }))
  assert.deepEqual(files(server, 'log.'), ['log.1', 'log.3', 'log.4', 'log.5'])
})

test('a write that takes longer than fsync.warningthresholdms is warned of', async (t) => {
  const server = await startStandalone(t, { 'fsync.warningthresholdms': 0 })
  await server.client()
  await server.log.until(/^warn: writing the transaction log took long/)
})

test('snapshots are compressed as snapshot.compression.method says', async (t) => {
  for (const method of ['gz', 'snappy']) {
    const server = await startStandalone(t, { 'snapshot.compression.method': method })
    assert.deepEqual(files(server, 'snapshot.'), [`snapshot.0.${method}`])
  }
})

test('the directories are not created with datadir.autocreate=false', async (t) => {
  const dataDir = join(temporaryDirectory(t), 'missing')
  await assert.rejects(startStandalone(t, { dataDir, 'datadir.autocreate': 'false' }), {
    code: 'DATA',
    exitCode: 3,
    message: new RegExp(`^${join(dataDir, 'version-2')} does not exist, and datadir.autocreate is false`),
  })
})

test('logs go to dataLogDir', async (t) => {
  const dataLogDir = temporaryDirectory(t)
  const server = await startStandalone(t, { dataLogDir })
  await server.client()
  assert.deepEqual(files(server, 'log.'), [])
  assert.deepEqual(files(server, 'snapshot.'), ['snapshot.0'])
  assert.ok(readdirSync(join(dataLogDir, 'version-2')).includes('log.1'))
})

test('clientPortListenBacklog, clientTcpKeepAlive and clientPortAddress reach the socket', async (t) => {
  const asked: ListenOptions[] = []
  class Network extends NodeNetwork {
    override listen(...[options, accept]: Parameters<NodeNetwork['listen']>): ReturnType<NodeNetwork['listen']> {
      asked.push(options)
      return super.listen(options, accept)
    }
  }
  const network = new Network()
  await startStandalone(t, { clientPortListenBacklog: 7, clientTcpKeepAlive: 'true' }, { network })
  assert.deepEqual(asked, [{ port: 0, host: '127.0.0.1', backlog: 7, keepAlive: true }])
})

test('connection_throttle_tokens refuses new connections once the tokens are used up', async (t) => {
  const server = await startStandalone(t, { connection_throttle_tokens: 1, connection_throttle_fill_time: 1_000_000 })
  await server.client()
  await assert.rejects(server.client(), /refused/)
  assert.equal(await server.metric('connection_rejected'), '1')
})

test('with request_throttle_max_requests requests wait their turn, and none is lost', async (t) => {
  const server = await startStandalone(t, { request_throttle_max_requests: 1, request_throttle_stall_time: 1 })
  const client = await server.client()
  const bodies = Array.from({ length: 20 }, (_, i) => requestFrame(i, 1, encode('create', create(`/a${i}`))))
  client.connection.send(...bodies)
  for (let i = 0; i < 20; i++) assert.deepEqual((await client.reply())?.xid, i)
  assert.ok(Number(await server.metric('request_throttle_wait_count')) > 0)
})

test('requests that wait when a server stops are still let through', async (t) => {
  const server = await startStandalone(t, { request_throttle_max_requests: 1, request_throttle_stall_time: 1 })
  const client = await server.client()
  client.connection.send(
    ...Array.from({ length: 50 }, (_, i) => requestFrame(i, 1, encode('create', create(`/a${i}`)))),
  )
  assert.equal((await client.reply())?.xid, 0)
  const closed = server.close()
  for (let i = 1; i < 50; i++) assert.deepEqual((await client.reply())?.xid, i)
  await closed
})

test('large requests beyond largeRequestMaxBytes end the connection', async (t) => {
  const server = await startStandalone(t, { largeRequestThreshold: 500, largeRequestMaxBytes: 1000 })
  const client = await server.client()
  await client.do('create', create('/a', { data: 'x'.repeat(800) }))
  client.connection.send(requestFrame(9, 1, encode('create', create('/b', { data: 'x'.repeat(1200) }))))
  assert.deepEqual(await client.untilClosed(), [])
  assert.equal(await server.metric('large_requests_rejected'), '1')
})

test('with flushDelay writes wait for others, until maxBatchSize are together', async (t) => {
  const server = await startStandalone(t, { flushDelay: 100_000, maxWriteQueuePollTime: 100_000, maxBatchSize: 3 })
  // The first write of all, that of the session, has nothing to wait for.
  const client = await server.client()
  client.connection.send(requestFrame(1, 1, encode('create', create('/a'))))
  client.connection.send(requestFrame(2, 1, encode('create', create('/b'))))
  assert.match(await server.word('srvr'), /\nOutstanding: 2\nZxid: 0x1\n/)
  client.connection.send(requestFrame(3, 1, encode('create', create('/c'))))
  for (const xid of [1, 2, 3]) assert.equal((await client.reply())?.xid, xid)
  assert.equal(await server.metric('max_sync_processor_batch_size'), '3')
})

test('with flushDelay a write waits no longer than maxWriteQueuePollTime', async (t) => {
  const server = await startStandalone(t, { flushDelay: 100_000, maxWriteQueuePollTime: 1 })
  const client = await server.client()
  await client.do('create', create('/a'))
  await client.do('create', create('/b'))
})

const bobsOnly = [acl(31, 'digest', 'bob:x')]

test('skipACL=yes lets everybody do everything', async (t) => {
  for (const [skip, code] of [
    ['yes', 'OK'],
    ['true', 'NOAUTH'],
  ]) {
    const client = await (await startStandalone(t, { skipACL: skip as string })).client()
    await client.do('create', create('/a', { acl: bobsOnly }))
    assert.equal(await client.code('getData', look('/a')), code)
  }
})

test('the super user of DigestAuthenticationProvider.superDigest may do everything', async (t) => {
  // The base64 of hashes of `super:secret`, as Java's MessageDigest makes them under these names.
  const digests = [
    [null, 'super:lK75jTNcA+U9vtVEw5vB51mj/w4='],
    ['SHA', 'super:lK75jTNcA+U9vtVEw5vB51mj/w4='],
    ['SHA-256', 'super:WTA5ucCHTdJq645xIMibj8HviTPeB5mMuJ4/+v1dIEw='],
    ['SHA-512/256', 'super:KBy0TIF51hD+Dr4wcFk0avm0bSypEbyLoGAgI9Pc2WA='],
    ['SHA3-256', 'super:WC0fcBtN15KqFfwpcvg0TG3tZUPFtDZkMpN7SZ6bt4g='],
  ] as const
  for (const [name, superDigest] of digests) {
    const settings: Record<string, string> = name === null ? {} : { 'DigestAuthenticationProvider.digestAlg': name }
    const server = await startStandalone(t, { ...settings, 'DigestAuthenticationProvider.superDigest': superDigest })
    const client = await server.client()
    await client.do('create', create('/a', { acl: bobsOnly }))
    await client.askBytes(100, encode('auth', auth('digest', 'super:secret')), -4)
    assert.equal(await client.code('getData', look('/a')), 'OK')
  }
})

test('with DigestAuthenticationProvider.enabled=false there is no scheme digest', async (t) => {
  const client = await (await startStandalone(t, { 'DigestAuthenticationProvider.enabled': 'false' })).client()
  assert.equal((await client.askBytes(100, encode('auth', auth('digest', 'bob:x')), -4)).code, 'AUTHFAILED')
})

test('with enforce.auth.enabled a request without authentication ends the connection', async (t) => {
  const server = await startStandalone(t, { 'enforce.auth.enabled': 'true', 'enforce.auth.schemes': 'digest' })
  const client = await server.client()
  assert.equal(await client.code('getData', look('/')), 'SESSIONCLOSEDREQUIRESASLAUTH')
  const known = await server.client()
  await known.askBytes(100, encode('auth', auth('digest', 'bob:x')), -4)
  assert.equal(await known.code('getData', look('/')), 'OK')
})

test('clients of the scheme ensemble must know one of the names in ensembleAuthName', async (t) => {
  const server = await startStandalone(t, {
    'authProvider.1': 'EnsembleAuthenticationProvider',
    ensembleAuthName: 'a, b',
  })
  const member = await server.client()
  assert.equal((await member.askBytes(100, encode('auth', auth('ensemble', 'b')), -4)).code, 'OK')
  const stranger = await server.client()
  stranger.connection.send(requestFrame(-4, 100, encode('auth', auth('ensemble', 'c'))))
  assert.deepEqual(await stranger.untilClosed(), [])
  const counted = await Promise.all(['success', 'fail', 'skip'].map((what) => server.metric(`ensemble_auth_${what}`)))
  assert.deepEqual(counted, ['1', '1', '0'])
})

test('the paths that are asked for most are logged where that is wanted', async (t) => {
  const asked = { 'pathStats.enabled': 'true', 'pathStats.sampleRate': 1, 'pathStats.initialDelay': 0 }
  const server = await startStandalone(t, asked)
  await server.log.until(/Here are the top Write paths:/)
  const client = await server.client()
  await client.do('create', create('/a'))
  await client.data('/a')
  await client.data('/a')
  server.server.server.clients.pathStatistics?.tell()
  await server.log.until(/^info: \/a : 2/)
  await server.log.until(/^info: \/a : 1/)
  assert.equal((await startStandalone(t)).server.server.clients.pathStatistics, null)
})

test('a client watches no more paths than it may, and others as many', async (t) => {
  const server = await startStandalone(t, { 'client.maxWatches': 3, extendedTypesEnabled: 'true' })
  const client = await server.client()
  await client.do('create', create('/a'))
  assert.equal(await client.code('exists', look('/none', true)), 'NONODE')
  await client.do('getData', look('/a', true))
  await client.do('getChildren', look('/a', true))
  const lists = { relativeZxid: 0, dataWatches: ['/a'], existWatches: [], childWatches: [] }
  for (const [name, request] of [
    ['exists', look('/other', true)],
    ['getData', look('/', true)],
    ['getChildren', look('/', true)],
    ['getChildren2', look('/', true)],
    ['addWatch', { path: '/', mode: 1 }],
    ['setWatches', lists],
    ['setWatches2', { ...lists, persistentWatches: [], persistentRecursiveWatches: [] }],
  ] as const) {
    assert.equal(await client.code(name, request), 'QUOTAEXCEEDED', name)
  }
  await client.do('getData', look('/a'))
  const other = await server.client()
  await other.do('getData', look('/a', true))
  assert.equal(await server.metric('watch_count'), '4')
  // What has fired makes room.
  await other.do('setData', set('/a'))
  await client.events()
  await client.do('getData', look('/a', true))
})

test('reconfig is refused unless it is enabled, and has nobody to reconfigure here', async (t) => {
  const request = { joiningServers: null, leavingServers: null, newMembers: null, curConfigId: -1 }
  for (const [enabled, code] of [
    ['false', 'RECONFIGDISABLED'],
    ['true', 'UNIMPLEMENTED'],
  ]) {
    const client = await (await startStandalone(t, { reconfigEnabled: enabled as string })).client()
    assert.equal(await client.code('reconfig', request), code)
  }
})

test('a session is not given back while its connection lives, and a stranger cannot end it', async (t) => {
  const server = await startStandalone(t)
  const client = await server.client()
  const stranger = await RawConnection.open(server.port)
  stranger.send(connectFrame({ sessionId: client.session.sessionId, passwd: new Uint8Array(16) }))
  assert.ok(await stranger.frame())
  await client.do('create', create('/still-here'))
  await client.do('delete', at('/still-here'))
})
