import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { AccessControl } from '@vivarium/core'
import { digestId, errno, FOUR_LETTER_WORDS, KeeperOp, OpCode, type OperationName, Perm } from '@vivarium/protocol'
import { AdminCommands } from '../../dist/admin/json/commands.js'
import { exampleView } from '../admin/example-view.ts'
import { acl, at, auth, bytesOf, create, encode, look, multi, set, setAcl } from '../protocol/requests.ts'
import type { TestClient } from '../protocol/test-client.ts'
import { lineOf, startDynamic } from '../quorum/dynamic-ensemble.ts'
import { type Standalone, startStandalone } from '../standalone/standalone.ts'

/**
 * What an operation needs: permissions, of which one is enough, on the znode `/closed/NAME`; nothing; what nobody has who
 * is a client; or something that has a test of its own, for a server that stands alone does not have the operation.
 */
type Rule =
  | { readonly needs: number; readonly request: (path: string) => unknown; readonly inside?: true }
  | 'anybody'
  | 'nobody'
  | 'ensemble'

const readAll = (path: string): Uint8Array => multi(['getData', look(path)])

/** Every operation, so that none is added without a word about who may ask for it. */
const RULES: Readonly<Record<OperationName, Rule>> = {
  create: { needs: Perm.CREATE, request: (path) => create(`${path}/new`) },
  create2: { needs: Perm.CREATE, request: (path) => create(`${path}/new`) },
  createContainer: { needs: Perm.CREATE, request: (path) => create(`${path}/new`, { flags: 4 }) },
  createTTL: { needs: Perm.CREATE, request: (path) => create(`${path}/new`, { flags: 5, ttl: 1000 }) },
  delete: { needs: Perm.DELETE, request: (path) => at(`${path}/old`) },
  setData: { needs: Perm.WRITE, request: (path) => set(path) },
  setACL: { needs: Perm.ADMIN, request: (path) => setAcl(path, [acl(31, 'world', 'anyone')]) },
  exists: { needs: Perm.READ, request: (path) => look(path) },
  getData: { needs: Perm.READ, request: (path) => look(path) },
  getACL: { needs: Perm.READ | Perm.ADMIN, request: (path) => ({ path }) },
  getChildren: { needs: Perm.READ, request: (path) => look(path) },
  getChildren2: { needs: Perm.READ, request: (path) => look(path) },
  getAllChildrenNumber: { needs: Perm.READ, request: (path) => ({ path }) },
  multi: { needs: Perm.WRITE, request: (path) => multi(['setData', set(path)]), inside: true },
  check: 'nobody',
  multiRead: { needs: Perm.READ, request: readAll, inside: true },
  // What a watch tells is filtered when it tells it.
  addWatch: 'anybody',
  setWatches: 'anybody',
  setWatches2: 'anybody',
  checkWatches: 'anybody',
  removeWatches: 'anybody',
  // About the client's own session and connection.
  ping: 'anybody',
  whoAmI: 'anybody',
  getEphemerals: 'anybody',
  closeSession: 'anybody',
  auth: 'anybody',
  sasl: 'anybody',
  sync: 'anybody',
  reconfig: 'ensemble',
  deleteContainer: 'nobody',
  createSession: 'nobody',
  notification: 'nobody',
  error: 'nobody',
}

const OWNER = 'owner:secret'

/** Asked of the one place that decides, since the last look. */
let asked: number[] = []

function watchDecisions(t: TestContext): void {
  const { allows } = AccessControl.prototype
  t.mock.method(AccessControl.prototype, 'allows', function (this: AccessControl, ...args: Parameters<typeof allows>) {
    asked.push(args[1])
    return allows.apply(this, args)
  })
}

/** A znode with a child, of which others have these permissions. */
async function closed(server: Standalone, name: string, perms: number): Promise<string> {
  const owner = await server.client()
  await owner.do('auth', auth('digest', OWNER))
  const path = `/${name}-${perms}`
  await owner.do('create', create(path))
  await owner.do('create', create(`${path}/old`))
  const list = [acl(31, 'digest', digestId(OWNER)), acl(perms, 'world', 'anyone')]
  await owner.do('setACL', setAcl(path, list))
  return path
}

/** NOAUTH stands in the header, or behind the first header inside. */
async function isRefused(client: TestClient, name: OperationName, request: unknown, inside: boolean): Promise<boolean> {
  const { code, body } = await client.ask(name, request)
  if (!inside) return code === 'NOAUTH'
  body.int()
  body.bool()
  return body.int() === errno('NOAUTH')
}

for (const [name, rule] of Object.entries(RULES) as [OperationName, Rule][]) {
  if (typeof rule === 'string') continue
  const { needs, request, inside = false } = rule
  test(`${name} is refused to who has every right but that one`, async (t) => {
    watchDecisions(t)
    const server = await startStandalone(t, { extendedTypesEnabled: 'true' })
    const client = await server.client()
    for (const [perms, refused] of [
      [Perm.ALL & ~needs, true],
      [0, true],
      [needs, false],
    ] as const) {
      const path = await closed(server, name, perms)
      asked = []
      assert.equal(await isRefused(client, name, request(path), inside), refused)
      assert.ok(
        asked.some((wanted) => wanted === needs),
        'the one place that decides was not asked',
      )
    }
  })
}

const SUPER = 'super:secret'

test('reconfig is refused to who has every right to /zookeeper/config but WRITE', async (t) => {
  watchDecisions(t)
  const lines = ['skipACL=no', `DigestAuthenticationProvider.superDigest=${digestId(SUPER)}`]
  const ensemble = await startDynamic(t, [1, 2, 3], lines)
  const administrator = await ensemble.client(1)
  await ensemble.run(administrator.do('auth', auth('digest', SUPER)))
  const observer = lineOf(3, 'observer')
  for (const [perms, refused] of [
    [Perm.ALL & ~Perm.WRITE, true],
    [0, true],
    [Perm.WRITE, false],
  ] as const) {
    const list = setAcl('/zookeeper/config', [acl(perms, 'world', 'anyone')])
    await ensemble.run(administrator.do('setACL', list))
    for (const sid of refused ? ensemble.running : [2]) {
      asked = []
      assert.equal((await ensemble.reconfigure(sid, { joining: observer })) === 'NOAUTH', refused, `${sid}, ${perms}`)
      assert.ok(asked.includes(Perm.WRITE), 'the one place that decides was not asked')
    }
  }
})

const KEEPER = { 'keeper.extensions.enabled': 'true' }

/** A path and so many bytes behind it, the last of which has a value. */
const behind = (path: string, bytes: number, last = 0): Uint8Array =>
  bytesOf((w) => {
    w.string(path)
    w.raw(Uint8Array.from({ length: bytes }, (_, i) => (i === bytes - 1 ? last : 0)))
  })

/** The same for what ClickHouse Keeper adds. */
const KEEPER_RULES: Readonly<Record<keyof typeof KeeperOp, readonly [needs: number, (path: string) => Uint8Array]>> = {
  filteredList: [Perm.READ, (path) => behind(path, 2)],
  listWithStatsAndData: [Perm.READ, (path) => behind(path, 4)],
  listRecursive: [Perm.READ, (path) => behind(path, 4)],
  checkNotExists: [Perm.READ, (path) => behind(path, 4)],
  checkStat: [Perm.READ, (path) => behind(path, 4 + 68)],
  createIfNotExists: [Perm.CREATE, (path) => encode('create', create(`${path}/new`))],
  removeRecursive: [Perm.DELETE, (path) => behind(`${path}/old`, 4, 1)],
  tryRemove: [Perm.DELETE, (path) => behind(`${path}/old`, 4)],
}

for (const [name, [needs, request]] of Object.entries(KEEPER_RULES)) {
  test(`${name} is refused to who has every right but that one`, async (t) => {
    watchDecisions(t)
    const server = await startStandalone(t, KEEPER)
    const client = await server.client()
    for (const [perms, refused] of [
      [Perm.ALL & ~needs, true],
      [needs, false],
    ] as const) {
      const path = await closed(server, name, perms)
      asked = []
      const { code } = await client.askBytes(KeeperOp[name as keyof typeof KeeperOp], request(path))
      assert.equal(code === 'NOAUTH', refused, code)
      assert.ok(asked.includes(needs), 'the one place that decides was not asked')
    }
  })
}

for (const [name, rule] of Object.entries(RULES) as [OperationName, Rule][]) {
  if (rule !== 'nobody') continue
  test(`${name} is nothing that a client may ask for`, async (t) => {
    const server = await startStandalone(t)
    const client = await server.client()
    const answer = await client.askBytes(
      OpCode[name],
      bytesOf((w) => w.string('/zookeeper')),
    )
    assert.equal(answer.code, 'UNIMPLEMENTED')
    assert.deepEqual(await client.untilClosed(), [])
  })
}

/** Every command of the admin server: who may ask for it. */
const COMMANDS = {
  ...Object.fromEntries(
    [
      ...['configuration', 'connection_stat_reset', 'connections', 'dirs', 'dump', 'environment', 'get_trace_mask'],
      ...[
        'hash',
        'initial_configuration',
        'is_read_only',
        'last_snapshot',
        'leader',
        'monitor',
        'observer_connection_stat_reset',
      ],
      ...['observers', 'ruok', 'server_stats', 'set_trace_mask', 'stat_reset', 'stats', 'system_properties'],
      ...['voting_view', 'watch_summary', 'watches', 'watches_by_path', 'zabstate'],
    ].map((name) => [name, 'anybody']),
  ),
  restore: 'administrators',
  snapshot: 'administrators',
}

test('it is said of every command of the admin server who may ask for it', () => {
  const { all } = new AdminCommands(exampleView())
  const rules = all.map(({ names, restricted }) => [names[0], restricted ? 'administrators' : 'anybody'])
  assert.deepEqual(Object.fromEntries(rules.sort()), Object.fromEntries(Object.entries(COMMANDS).sort()))
})

test('four-letter words that are not allowed by name are refused', async (t) => {
  const server = await startStandalone(t, { '4lw.commands.whitelist': 'srvr' })
  for (const word of FOUR_LETTER_WORDS) {
    if (word === 'srvr' || word.charCodeAt(0) > 0x7f || !/^[a-z]{4}$/.test(word)) continue
    assert.equal(await server.word(word), `${word} is not executed because it is not in the whitelist.\n`, word)
  }
})
