import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { nextConfig, parseQuorumConfig, type QuorumConfig, type ReconfigWish } from '../../dist/quorum/index.js'

const NOTHING: ReconfigWish = { joiningServers: null, leavingServers: null, newMembers: null }
const LINES = ['server.1=a:2888:3888:participant;a:2181', 'server.2=b:2888:3888:participant;0.0.0.0:2181']
const last = parseQuorumConfig([...LINES, 'version=100000001'].join('\n')) as QuorumConfig

const next = (wish: Partial<ReconfigWish>, from = last): string =>
  nextConfig({ ...NOTHING, ...wish }, from, 0x1_0000_000a).toString()

test('servers join, leave and change', () => {
  const joining = 'server.3=c:2888:3888:observer;2181, server.1=a:2889:3888;a:2182'
  assert.equal(
    next({ joiningServers: joining, leavingServers: '2,9' }),
    'server.1=a:2889:3888:participant;a:2182\nserver.3=c:2888:3888:observer;0.0.0.0:2181\nversion=10000000a',
  )
  assert.equal(next({}), [...LINES, 'version=10000000a'].join('\n'), 'a reconfiguration may change nothing')
  assert.equal(
    next({ joiningServers: 'server.2=b:1:2;3', leavingServers: '2' }),
    `${LINES[0]}\nserver.2=b:1:2:participant;0.0.0.0:3\nversion=10000000a`,
    'who leaves and joins at once has joined',
  )
})

test('a whole configuration replaces all there is, whatever version it names', () => {
  assert.equal(
    next({ newMembers: 'server.5=e:1:2;3,server.4=d:1:2:observer\nversion=ff', joiningServers: 'nonsense' }),
    'server.4=d:1:2:observer\nserver.5=e:1:2:participant;0.0.0.0:3\nversion=10000000a',
  )
  assert.equal(
    next({ newMembers: 'server.1=a:1:2,server.2=b:1:2,group.1=1:2' }),
    'server.1=a:1:2:participant\nserver.2=b:1:2:participant\ngroup.1=1:2\nweight.1=1\nweight.2=1\nversion=10000000a',
  )
})

test('what is wrong with a wish is said', () => {
  for (const [wish, text] of [
    [{ leavingServers: 'one' }, /"one" is no server id/],
    [{ joiningServers: 'c:2888:3888;2181' }, /is not server\.N/],
    [{ joiningServers: 'server.3=c:2888:3888;2181=' }, /no host|not \[host:\]port|is not server/],
    [{ joiningServers: 'server.x=c:2888:3888;2181' }, /is not server\.N/],
    [{ joiningServers: 'server.3=c:2888:3888' }, /address for clients is missing/],
    [{ joiningServers: 'server.3=c:2888;2181' }, /host:quorumPort:electionPort/],
    [{ joiningServers: 'server.3=B:9:2888;2182' }, /servers 3 and 2 cannot both have b:2888/],
    [{ joiningServers: 'server.3=c:1:2;a:2181' }, /cannot both have a:2181/],
    [{ newMembers: 'server.1=a:1:2,clientPort=3' }, /no key of a configuration/],
    [{ newMembers: 'server.1=a:1:2,server.2=b:1:2,group.1=1' }, /in no group/],
  ] as const) {
    assert.match(next(wish), text, JSON.stringify(wish))
  }
})

test('addresses that mean another machine wherever they are read may be those of several servers', () => {
  for (const host of ['localhost', '127.0.0.1', '0.0.0.0', '[::]', '[::1]']) {
    const from = parseQuorumConfig(`server.1=${host}:1:2;3`) as QuorumConfig
    assert.match(next({ joiningServers: `server.2=${host}:1:2;3` }, from), /version=/, host)
  }
})

test('hierarchical quorums are replaced as a whole only', () => {
  const groups = parseQuorumConfig('server.1=a:1:2\nserver.2=b:1:2\ngroup.1=1:2') as QuorumConfig
  assert.match(next({ leavingServers: '2' }, groups), /replaced as a whole/)
  assert.match(next({ newMembers: 'server.1=a:1:2' }, groups), /^server\.1=a:1:2:participant\nversion/)
})

test('the same members are the same whatever the version and the order of lines', () => {
  const config = (text: string): QuorumConfig => parseQuorumConfig(text) as QuorumConfig
  const one = config('server.2=b:1:2\nserver.10=a:1:2\nversion=5')
  assert.ok(one.hasMembersOf(config('version=9\nserver.10=a:1:2:participant\nserver.2=b:1:2')))
  assert.ok(!one.hasMembersOf(config('server.2=b:1:2\nserver.10=a:1:2:observer')))
  assert.ok(!one.hasMembersOf(config('server.2=b:1:2')))
  const grouped = 'server.1=a:1:2\nserver.2=b:1:2\ngroup.1=1:2'
  assert.ok(config(grouped).hasMembersOf(config(`${grouped}\nweight.2=1`)))
  assert.ok(!config(grouped).hasMembersOf(config(`${grouped}\nweight.2=2`)))
})

test('whatever is asked for, the answer is a configuration that can be read again, or a sentence', () => {
  const text = fc.option(
    fc.array(
      fc.constantFrom(
        'server.',
        '1',
        '2',
        '=',
        ':',
        ';',
        ',',
        '\n',
        'a',
        '|',
        'observer',
        'group.',
        'weight.1=',
        '[::1]',
      ),
      { maxLength: 24 },
    ),
    { nil: null },
  )
  const list = text.map((words) => (words === null ? null : words.join('')))
  fc.assert(
    fc.property(list, list, list, (joiningServers, leavingServers, newMembers) => {
      const config = nextConfig({ joiningServers, leavingServers, newMembers }, last, 7)
      if (typeof config === 'string') return
      const again = parseQuorumConfig(config.toString())
      assert.ok(typeof again !== 'string', String(again))
      assert.ok(again.hasMembersOf(config))
      assert.equal(again.version, 7)
    }),
    { numRuns: 2000 },
  )
})
