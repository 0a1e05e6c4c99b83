import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { vivarium } from '../dist/backups/command.js'
import { S3Server } from '../dist/backups/s3.js'
import { Ensemble } from '../dist/ensembles/ensemble.js'
import { RawClient } from '../dist/raw-client.js'
import { APACHE, type ServerKind, ServerProcess, VIVARIUM } from '../dist/server-process.js'
import { Suite } from '../dist/suite.js'
import { describeZnode, walkTree } from '../dist/tree-walk.js'

// Backups of either server, in a directory and in S3, restored for either, alone and in an ensemble.

const suite = new Suite('backup')
const COUNT = 300

function scratch(context: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'interop-backup-'))
  context.after(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

async function run(args: readonly string[], environment = {}): Promise<string> {
  const { code, out, err } = await vivarium(args, environment)
  assert.equal(code, 0, `vivarium ${args.join(' ')}: ${err}`)
  return out
}

/** All znodes, but for the servers' own. */
async function treeOf(port: number): Promise<string[]> {
  const client = await RawClient.connect(port)
  const znodes = (await walkTree(client)).filter(({ path }) => !path.startsWith('/zookeeper'))
  await client.close()
  // Its counts change with those who look at it.
  return znodes.filter(({ path }) => path !== '/').map((znode) => describeZnode(znode))
}

async function serves(kind: ServerKind, directory: string, expected: readonly string[]): Promise<void> {
  const server = await ServerProcess.start(kind, { directory })
  try {
    assert.deepEqual(await treeOf(server.port), expected, kind.name)
  } finally {
    await server.dispose()
  }
}

/** Writes while a backup is made again and again. @returns the last zxid of the first half, and the tree there */
async function backUpUnderLoad(
  server: ServerProcess,
  backUp: () => Promise<unknown>,
): Promise<{ zxid: bigint; tree: readonly string[] }> {
  const client = await RawClient.connect(server.port)
  await client.create('/half')
  let loading = true
  const load = async (name: string): Promise<void> => {
    for (let i = 0; i < COUNT; i++) await client.create(`/half/${name}${i}`, Buffer.from(`data ${i}`))
    loading = false
  }
  const first = load('a')
  while (loading) await backUp()
  await first
  const zxid = client.lastZxid
  const tree = await treeOf(server.port)
  loading = true
  const second = load('b')
  while (loading) await backUp()
  await second
  await client.close()
  await backUp()
  return { zxid, tree }
}

for (const source of [VIVARIUM, APACHE]) {
  test(`a backup of ${source.name} under load is restored for both, to a transaction of choice`, (context) =>
    suite.withPeers(context, async () => {
      const directory = scratch(context)
      const server = await ServerProcess.start(source)
      const store = join(directory, 'store')
      const backUp = (): Promise<string> =>
        run(['backup', 'run', store, '--once', '--snapshot-every', '0', '--data-dir', join(server.directory, 'data')])
      const { zxid, tree } = await backUpUnderLoad(server, backUp)
      await server.dispose()
      assert.match(await run(['backup', 'verify', store]), / is good: /)
      const targets = [VIVARIUM, APACHE].map((kind) => ({ kind, directory: join(directory, kind.name) }))
      const to = targets.flatMap((target) => ['--to', join(target.directory, 'data')])
      await run(['restore', store, '--to-zxid', `0x${zxid.toString(16)}`, ...to])
      for (const target of targets) await serves(target.kind, target.directory, tree)
      suite.report(3, [])
    }))
}

/** Where a state is, and what it is, as `vivarium` tells of what it has restored. */
function stateIn(told: string): string {
  const [state] = /0x[0-9a-f]+: \d+ znodes, \d+ sessions, digest -?[0-9a-f]+/.exec(told) ?? []
  assert.ok(state, told)
  return state
}

for (const replica of [VIVARIUM, APACHE]) {
  test(`a backup under load is restored to where a replica (${replica.name}) was stopped, and has its digest`, (context) =>
    suite.withPeers(context, async () => {
      const directory = scratch(context)
      const ensemble = await Ensemble.layOut(3)
      const stopped = ensemble.member(1)
      const other = ensemble.member(3)
      const backUp = (from: typeof stopped, store: string): Promise<string> =>
        run(['backup', 'run', join(directory, store), '--once', '--data-dir', join(from.directory, 'data')])
      try {
        await ensemble.start((sid) => (sid === stopped.sid ? replica : VIVARIUM))
        const client = await other.connect()
        await client.create('/load')
        let loading = true
        const load = async (): Promise<void> => {
          for (let i = 0; loading; i++) await client.create(`/load/${i}`, Buffer.from(`data ${i}`))
        }
        const loaded = load()
        await backUp(other, 'store')
        await stopped.kill()
        await backUp(other, 'store')
        loading = false
        await loaded
        const { lastZxid } = client
        await client.close()
        await backUp(other, 'store')
        await backUp(stopped, 'replica')
        const there = stateIn(await run(['backup', 'verify', join(directory, 'replica')]))
        const [zxid = ''] = there.split(':')
        assert.ok(BigInt(zxid) < lastZxid, 'it was stopped in the middle')
        const to = join(directory, 'restored')
        assert.equal(stateIn(await run(['restore', join(directory, 'store'), '--to-zxid', zxid, '--to', to])), there)
      } finally {
        await ensemble.dispose()
      }
      suite.report(2, [])
    }))
}

test('a backup in S3 is restored', (context) =>
  suite.withPeers(context, async () => {
    const directory = scratch(context)
    const s3 = await S3Server.start(directory)
    context.after(() => s3.stop())
    const server = await ServerProcess.start(VIVARIUM)
    const data = join(server.directory, 'data')
    const { zxid, tree } = await backUpUnderLoad(server, () =>
      run(['backup', 'run', s3.target, '--once', '--data-dir', data], s3.environment),
    )
    const client = await RawClient.connect(server.port)
    // More than one part.
    for (let i = 0; i < 12; i++) await client.create(`/large${i}`, Buffer.alloc(1_000_000, i))
    await client.close()
    await run(['backup', 'run', s3.target, '--once', '--data-dir', data], s3.environment)
    const all = await treeOf(server.port)
    await server.dispose()
    const [first, second] = [join(directory, 'first'), join(directory, 'second')]
    await run(['restore', s3.target, '--to-zxid', String(zxid), '--to', join(first, 'data')], s3.environment)
    await serves(VIVARIUM, first, tree)
    await run(['restore', s3.target, '--to', join(second, 'data')], s3.environment)
    await serves(VIVARIUM, second, all)
    assert.match(await run(['backup', 'verify', s3.target], s3.environment), / is good: /)
    assert.match(await run(['backup', 'prune', s3.target, '--keep', '1'], s3.environment), /^Nothing|^Removed/)
    const wrong = { ...s3.environment, AWS_ACCESS_KEY_ID: 'unknown' }
    assert.match((await vivarium(['backup', 'list', s3.target], wrong)).err, /was answered with 403/)
    suite.report(5, [])
  }))

for (const kinds of [
  [VIVARIUM, VIVARIUM, VIVARIUM],
  [APACHE, VIVARIUM, APACHE],
] as const) {
  test(`a backup begins an ensemble of ${kinds.map(({ name }) => name).join(', ')}`, (context) =>
    suite.withPeers(context, async () => {
      const directory = scratch(context)
      const server = await ServerProcess.start(VIVARIUM)
      const store = join(directory, 'store')
      const { tree } = await backUpUnderLoad(server, () =>
        run(['backup', 'run', store, '--once', '--data-dir', join(server.directory, 'data')]),
      )
      const all = await treeOf(server.port)
      assert.notDeepEqual(all, tree)
      await server.dispose()
      const ensemble = await Ensemble.layOut(3)
      try {
        const to = ensemble.members.flatMap((member) => ['--to', join(member.directory, 'data')])
        for (const member of ensemble.members) mkdirSync(join(member.directory, 'data'), { recursive: true })
        await run(['restore', store, ...to])
        await ensemble.start((sid) => kinds[sid - 1] as ServerKind)
        assert.deepEqual(await ensemble.differences(), [])
        const client = await ensemble.member(1).connect()
        await client.sync()
        assert.deepEqual(await treeOf(ensemble.member(1).port), all)
        await client.create('/more')
        await client.close()
        assert.deepEqual(await ensemble.differences(), [])
      } finally {
        await ensemble.dispose()
      }
      suite.report(3, [])
    }))
}
