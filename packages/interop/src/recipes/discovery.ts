import assert from 'node:assert/strict'
import { ZooKeeper } from '@vivarium/client'
import { buildUri, GroupMember, Party, parseUriSpec, ServiceDiscovery } from '@vivarium/client/recipes'
import { type Checks, runProgram } from '../clients/run-checks.ts'
import { type ServerKind, ServerProcess } from '../server-process.ts'
import { curatorDiscovery, kazooParty } from './recipe-peers.ts'

const SERVICE = 'worker'
const REGISTERED = 1_700_000_000_000

/** What Curator says of our instances, and of its own. */
const TOLD_BY_CURATOR = [
  'instance ours-map 10.0.0.2 8080 null LinkedHashMap:{zone=c} 1700000000000 STATIC  true',
  'instance ours-none null null null none:null 1700000000000 DYNAMIC  true',
  'instance ours-off 10.0.0.2 8080 null LinkedHashMap:{zone=e} 1700000000000 DYNAMIC  false',
  'instance ours-text 10.0.0.2 8080 8443 String:zone-d 1700000000000 DYNAMIC https://10.0.0.2:8443/api true',
  'instance theirs-map 10.0.0.1 80 443 HashMap:{zone=b} 1700000000000 STATIC https://10.0.0.1:443/ true',
  'instance theirs-off 10.0.0.1 80 443 Integer:7 1700000000000 DYNAMIC https://10.0.0.1:443/ false',
  'instance theirs-text 10.0.0.1 80 443 String:zone-a 1700000000000 DYNAMIC https://10.0.0.1:443/ true',
  'member ours from here',
  'member theirs from curator',
  'provided ours-map ours-none ours-text theirs-map theirs-text',
]

/** Our instances and members, and Curator's, at one server: each finds the other's, with all that they say. */
export async function discoverWithCurator(kind: ServerKind): Promise<Checks> {
  const command = curatorDiscovery()
  return await atServer(kind, async (zk, address, check) => {
    const discovery = new ServiceDiscovery(zk, '/services')
    const at = { name: SERVICE, address: '10.0.0.2', port: 8080, registrationTimeUTC: REGISTERED } as const
    const uriSpec = parseUriSpec('{scheme}://{address}:{ssl-port}/api')
    await discovery.register({ ...at, id: 'ours-text', sslPort: 8443, payload: 'zone-d', uriSpec })
    const payload = { '@class': 'java.util.LinkedHashMap', zone: 'c' }
    await discovery.register({ ...at, id: 'ours-map', payload, serviceType: 'STATIC' })
    await discovery.register({ ...at, id: 'ours-off', enabled: false, payload: { zone: 'e' } })
    await discovery.register({ name: SERVICE, id: 'ours-none', registrationTimeUTC: REGISTERED })
    await using member = await GroupMember.join(zk, '/group', 'ours', { data: 'from here' })
    await using provider = await discovery.provider(SERVICE)
    const { cache } = provider
    const ended = runProgram(command, [address, '7', '2'], '')
    await happens(ended, cache, () => cache.instances().length === 7)
    await happens(ended, member, () => member.members().size === 2)

    const theirs = cache.instances().filter(({ id }) => id.startsWith('theirs'))
    check('what Curator registers is found', () => {
      const common = { name: SERVICE, address: '10.0.0.1', port: 80, sslPort: 443, registrationTimeUTC: REGISTERED }
      const uri = parseUriSpec('{scheme}://{address}:{ssl-port}/')
      const expected = [
        { id: 'theirs-map', payload: { '@class': 'java.util.HashMap', zone: 'b' }, serviceType: 'STATIC' },
        { id: 'theirs-off', payload: 7, serviceType: 'DYNAMIC', enabled: false },
        { id: 'theirs-text', payload: 'zone-a', serviceType: 'DYNAMIC' },
      ].map((each) => ({ ...common, uriSpec: uri, enabled: true, ...each }))
      assert.deepEqual(theirs, expected)
      assert.deepEqual(new Set(theirs.map((each) => buildUri(each))), new Set(['https://10.0.0.1:443/']))
    })
    check('what is disabled is not provided', () => {
      const ids = provider.instances().map(({ id }) => id)
      assert.deepEqual(ids, ['ours-map', 'ours-none', 'ours-text', 'theirs-map', 'theirs-text'])
    })
    check("Curator's member is in the group", () =>
      assert.equal(member.members().get('theirs')?.toString(), 'from curator'),
    )
    await zk.create('/done')
    const { output } = await ended
    check('Curator finds what is registered here', () => {
      const told = output.split('\n').filter((line) => /^(instance|member|provided) /.test(line))
      assert.deepEqual(told.sort(), TOLD_BY_CURATOR, output.slice(-1500))
    })
    await cache.sync()
    check("Curator's are gone when it is", () => assert.equal(cache.instances().length, 4))
    await discovery.close()
    check('ours are gone when they are closed', async () => assert.deepEqual(await discovery.instances(SERVICE), []))
  })
}

/** Our parties and kazoo's at one server. */
export async function partyWithKazoo(kind: ServerKind): Promise<Checks> {
  const command = kazooParty()
  return await atServer(kind, async (zk, address, check) => {
    const parties = [
      new Party(zk, '/party', { identifier: 'ours' }),
      new Party(zk, '/shallow', { identifier: 'ours', layout: 'shallow' }),
    ]
    for (const party of parties) await party.join()
    const ended = runProgram(command, [address, '2'], '')
    for (const party of parties) {
      await changes(zk, party.path, async () => (await party.size()) === 2, ended)
      const members = (await party.members()).sort()
      check(`kazoo's member is seen: ${party.path}`, () => assert.deepEqual(members, ['ours', 'theirs']))
    }
    await zk.create('/done')
    const { output } = await ended
    check('kazoo sees ours', () => assert.match(output, /^party ours theirs\nshallow ours theirs\ndone$/m))
    for (const party of parties) {
      const size = await party.size()
      check(`kazoo's member has left: ${party.path}`, () => assert.equal(size, 1))
      await party.leave()
    }
  })
}

type Check = (name: string, body: () => void | Promise<void>) => void

async function atServer(
  kind: ServerKind,
  body: (zk: ZooKeeper, address: string, check: Check) => Promise<void>,
): Promise<Checks> {
  const server = await ServerProcess.start(kind, { config: { tickTime: '500', forceSync: 'no' } })
  const checks: Checks = { passed: [], failed: [] }
  const pending: Promise<void>[] = []
  const check: Check = (name, look) => {
    const looked = (async () => look())()
    const noted = looked.then(
      () => void checks.passed.push(name),
      (error) => void checks.failed.push(`${name}: ${error}`),
    )
    pending.push(noted)
  }
  try {
    const address = `127.0.0.1:${server.port}`
    await using zk = await ZooKeeper.connect(address)
    await body(zk, address, check)
    await Promise.all(pending)
  } catch (error) {
    checks.failed.push(String(error))
  } finally {
    await server.dispose()
  }
  return checks
}

type Ended = Promise<{ readonly output: string }>

const early = async (ended: Ended): Promise<never> => {
  throw new Error(`the program ended early: ${(await ended).output.slice(-1500)}`)
}

/** Waits for what changes tell, but not for a program that has ended. */
function happens(
  ended: Ended,
  source: { onChange(listener: () => void): () => void },
  isSo: () => boolean,
): Promise<void> {
  const came = new Promise<void>((resolve) => {
    if (isSo()) return resolve()
    const unlisten = source.onChange(() => {
      if (!isSo()) return
      unlisten()
      resolve()
    })
  })
  return Promise.race([came, early(ended)])
}

async function changes(zk: ZooKeeper, path: string, isSo: () => Promise<boolean>, ended: Ended): Promise<void> {
  const end = new AbortController()
  const looking = async (): Promise<void> => {
    for await (const _ of zk.watch(path, { signal: end.signal })) if (await isSo()) return
  }
  try {
    await Promise.race([looking(), early(ended)])
  } finally {
    end.abort()
  }
}
