import { KeeperError, Op, type RequestError, type StateChange, type StreamEvent, ZooKeeper } from '@vivarium/client'
import { type ServerKind, ServerProcess } from '../server-process.ts'
import { DropProxy } from './drop-proxy.ts'
import { type Checks, CLIENT_TEST_OPTIONS } from './run-checks.ts'

/** What a check has to work with. */
interface Scene {
  /** Straight to the server. */
  readonly zk: ZooKeeper
  readonly proxy: DropProxy
  /** A client behind the proxy; its sessions outlive whatever is done to it there, unless told. */
  behind(sessionTimeoutMs?: number): Promise<ZooKeeper>
}

function expect(condition: boolean, what: string): void {
  if (!condition) throw new Error(what)
}

async function code(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'OK',
    (error: unknown) => (KeeperError.is(error) ? error.code : String(error)),
  )
}

/** Resolves with the state once the client is in it. */
function reached(zk: ZooKeeper, state: StateChange['state']): Promise<void> {
  if (zk.state === state) return Promise.resolve()
  return new Promise((resolve) => {
    const stop = zk.onState((change) => {
      if (change.state !== state) return
      stop()
      resolve()
    })
  })
}

async function next(stream: AsyncIterator<StreamEvent, undefined>): Promise<string> {
  const { value } = await stream.next()
  if (value === undefined) return 'end'
  return value.type === 'resync' ? `resync ${value.reason}` : `${value.type} ${value.path}`
}

const CHECKS: { readonly [name: string]: (scene: Scene) => Promise<void> } = {
  async 'znodes, versions and errors'({ zk }) {
    const { stat } = await zk.create('/v', { data: 'one' })
    const second = await zk.setData('/v', 'two', { version: stat.version })
    expect(second.version === 1, 'the version counts changes')
    expect((await code(zk.setData('/v', 'x', { version: 0 }))) === 'BADVERSION', 'a version is compared')
    expect((await code(zk.create('/v'))) === 'NODEEXISTS', 'no znode twice')
    expect((await code(zk.create('/none/x'))) === 'NONODE', 'no znode without a parent')
    const { data, stat: read } = await zk.getData('/v')
    expect(String(data) === 'two' && read.mzxid === second.mzxid, 'what was written is read')
    await zk.delete('/v', { version: 1 })
    expect((await zk.exists('/v')) === null, 'what was deleted is gone')
  },

  async 'every mode of creation'({ zk }) {
    await zk.ensurePath('/modes/deep')
    const one = await zk.create('/modes/s-', { mode: 'PERSISTENT_SEQUENTIAL' })
    const two = await zk.create('/modes/s-', { mode: 'EPHEMERAL_SEQUENTIAL' })
    expect(one.path < two.path && two.stat.ephemeralOwner === zk.session?.id, 'numbers rise, owners own')
    const protectedOne = await zk.create('/modes/p-', { mode: 'EPHEMERAL_SEQUENTIAL', protect: true })
    expect(/\/_c_.{36}-p-\d{10}$/.test(protectedOne.path), 'a protected name')
    expect((await zk.getEphemerals('/modes')).length === 2, 'ephemeral znodes are listed')
    await zk.create('/modes/ttl', { mode: 'PERSISTENT_WITH_TTL', ttlMs: 600_000 })
    expect((await zk.getAllChildrenNumber('/modes')) === 5, 'znodes are counted')
    await zk.create('/box', { mode: 'CONTAINER' })
    const emptied = zk.waitForDeletion('/box')
    await zk.create('/box/only')
    await zk.delete('/box/only')
    await emptied
    await zk.deleteRecursive('/modes')
    expect((await zk.exists('/modes')) === null, 'all of it is deleted')
  },

  async 'null data is not empty data'({ zk }) {
    await zk.create('/null', { data: null })
    await zk.create('/empty')
    const [none, empty] = [await zk.getData('/null'), await zk.getData('/empty')]
    expect(none.isNull && !empty.isNull && none.data.length === 0 && empty.data.length === 0, 'they are told apart')
  },

  async 'multi and multiRead'({ zk }) {
    const [created, stat, nothing] = await zk.multi([
      Op.create('/multi', { data: 'x' }),
      Op.setData('/multi', 'y'),
      Op.check('/multi', { version: 1 }),
    ])
    expect(created.path === '/multi' && stat.version === 1 && nothing === null, 'each has its result')
    const container = await zk.multi([Op.create('/multi/c', { mode: 'CONTAINER' }), Op.delete('/multi/c')])
    expect(container.length === 2, 'a container in a multi')
    const failed = await zk.multi([Op.setData('/multi', 'z'), Op.delete('/none'), Op.delete('/multi')]).catch((e) => e)
    expect(failed.index === 1 && failed.results.join() === 'OK,NONODE,RUNTIMEINCONSISTENCY', 'the failed one is named')
    const [data, children, missing] = await zk.multiRead([
      Op.getData('/multi'),
      Op.getChildren('/multi'),
      Op.getChildren('/none'),
    ])
    expect(!(data instanceof KeeperError) && String(data.data) === 'y', 'a multi that fails changes nothing')
    expect(Array.isArray(children) && KeeperError.is(missing, 'NONODE'), 'an error stands in its place')
  },

  async 'who the client is'({ zk, proxy }) {
    const other = await ZooKeeper.connect(`127.0.0.1:${proxy.port}`, { auth: [{ scheme: 'digest', auth: 'u:p' }] })
    await other.create('/private', { acl: [{ perms: 31, id: { scheme: 'auth', id: '' } }] })
    expect((await code(zk.getData('/private'))) === 'NOAUTH', 'others may not')
    proxy.order('drop')
    await reached(other, 'suspended')
    expect((await code(other.getData('/private'))) === 'OK', 'it is told to the next connection, too')
    expect(
      (await other.whoAmI()).some(({ scheme, user }) => scheme === 'digest' && user === 'u'),
      'whoAmI',
    )
    await other.close()
    const refused = await ZooKeeper.connect(`127.0.0.1:${proxy.port}`)
    expect(/AUTHFAILED/.test(await code(refused.addAuth('no-such-scheme', ''))), 'an unknown scheme is refused')
    expect(refused.state === 'closed', 'and that is the end')
  },

  async 'one-shot watches through a lost connection'({ zk, behind, proxy }) {
    const client = await behind()
    await zk.create('/w')
    const events: string[] = []
    const tell = (what: string, done: () => void) => ({
      watcher({ type }: { readonly type: string }): void {
        events.push(`${what} ${type}`)
        done()
      },
    })
    const asked: Promise<unknown>[] = []
    const changed = new Promise<void>((done) => asked.push(client.getData('/w', tell('data', done))))
    const created = new Promise<void>((done) => asked.push(client.exists('/w/later', tell('exist', done))))
    await Promise.all(asked)
    proxy.order('refuse')
    await reached(client, 'suspended')
    await zk.multi([Op.setData('/w', 'x'), Op.create('/w/later')])
    proxy.order('accept')
    await Promise.all([changed, created])
    expect(events.sort().join() === 'data NodeDataChanged,exist NodeCreated', `what was missed is told: ${events}`)
    expect(client.session?.number === 1, 'the session is the same')
    await client.close()
  },

  async 'streams through lost connections and lost sessions'({ zk, behind, proxy }) {
    const client = await behind(3000)
    await zk.create('/stream')
    const stream = client.watch('/stream', { recursive: true })
    expect((await next(stream)) === 'resync start', 'it begins')
    await zk.create('/stream/a')
    expect((await next(stream)) === 'NodeCreated /stream/a', 'it sees')
    proxy.order('drop')
    expect((await next(stream)) === 'resync reconnected', 'it says that it was away')
    await client.create('/stream/mine', { mode: 'EPHEMERAL' })
    expect((await next(stream)) === 'NodeCreated /stream/mine', 'it sees again')
    const first = client.session
    proxy.order('refuse')
    await zk.waitForDeletion('/stream/mine')
    expect(first?.isLive === false, 'the client gave the session up before the server did')
    proxy.order('accept')
    expect((await next(stream)) === 'resync session', 'it says that the session is another')
    await zk.delete('/stream/a')
    expect((await next(stream)) === 'NodeDeleted /stream/a', 'it goes on')
    expect(client.session?.number === 2, 'there is a second session')
    await stream.return()
    expect((await client.checkWatches('/stream')) === false, 'its watch is gone')
    await client.close()
  },

  async 'writes that are cut off'({ zk, behind, proxy }) {
    const client = await behind()
    await zk.create('/cut')
    const outcomes: Promise<string>[] = []
    for (let i = 0; i < 200; i++) outcomes.push(code(client.setData('/cut', String(i))))
    const waitsFor = client.getData('/cut')
    setImmediate(() => proxy.order('drop'))
    const all = await Promise.all(outcomes)
    const lost = all.filter((outcome) => outcome === 'CONNECTIONLOSS').length
    expect(
      all.every((outcome) => outcome === 'OK' || outcome === 'CONNECTIONLOSS'),
      `they fail as they should: ${all}`,
    )
    expect(!/CONNECTIONLOSS,OK/.test(all.join()), 'none is applied after one that failed')
    const { stat } = await waitsFor
    expect(stat.version >= 200 - lost && stat.version <= 200, 'what was acknowledged is there, and nothing twice')
    await client.close()
  },

  async 'protected znodes are there once, however often the connection is cut'({ zk, behind, proxy }) {
    const client = await behind()
    await zk.create('/once')
    const created = Array.from({ length: 30 }, async (_, i) => {
      if (i % 6 === 5) setImmediate(() => proxy.order('drop'))
      return client.create(`/once/${i}-`, { mode: 'PERSISTENT_SEQUENTIAL', protect: true })
    })
    const paths = (await Promise.all(created)).map(({ path }) => path)
    const children = (await zk.getChildren('/once')).map((name) => `/once/${name}`)
    expect(children.sort().join() === paths.sort().join(), `${children.length} znodes for ${paths.length} creates`)
    await client.close()
  },

  async 'a request that is too long'({ zk }) {
    const error = (await zk.setData('/', Buffer.alloc(1_100_000)).catch((e) => e)) as RequestError
    expect(String(error.code) === 'REQUEST_TOO_LARGE', 'it is not sent')
    const fits = 0xfffff - 8 - 4 - '/large'.length - 4 - 4
    await zk.create('/large')
    expect((await code(zk.setData('/large', Buffer.alloc(fits)))) === 'OK', 'the longest is taken')
    expect((await zk.getData('/large')).data.length === fits, 'and comes back')
  },
}

/** Runs what this project's own client promises against a server, with a proxy that cuts connections between them. */
export async function checkOwnClient(kind: ServerKind): Promise<Checks> {
  const checks: Checks = { passed: [], failed: [] }
  const server = await ServerProcess.start(kind, CLIENT_TEST_OPTIONS)
  for (const [name, check] of Object.entries(CHECKS)) {
    const proxy = await DropProxy.start(server.port)
    const zk = await ZooKeeper.connect(`127.0.0.1:${server.port}`)
    const behind = (sessionTimeoutMs = 10_000) => ZooKeeper.connect(`127.0.0.1:${proxy.port}`, { sessionTimeoutMs })
    try {
      await check({ zk, proxy, behind })
      checks.passed.push(name)
    } catch (error) {
      checks.failed.push(`${kind.name}: ${name}: ${error instanceof Error ? error.message : String(error)}`)
    }
    await zk.close()
    proxy.close()
  }
  await server.dispose()
  return checks
}
