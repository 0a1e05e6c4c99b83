import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Member, parseQuorumConfig, parseServerLine, QuorumConfig } from '../../dist/quorum/index.js'

test('a server line has addresses, a role and a client address', () => {
  assert.deepEqual(parseServerLine(3, 'zk3:2888:3888:observer;[::1]:2181'), {
    sid: 3,
    addresses: [{ host: 'zk3', quorumPort: 2888, electionPort: 3888 }],
    role: 'observer',
    client: { host: '::1', port: 2181 },
  })
  const two = parseServerLine(1, 'b:1:2|[fe80::1]:3:4;2181') as Member
  assert.equal(two.addresses.length, 2)
  assert.equal(two.addresses[1]?.host, 'fe80::1')
  assert.deepEqual(two.client, { host: '0.0.0.0', port: 2181 })
})

test('what is wrong with a server line is said', () => {
  for (const line of [
    '',
    'host',
    'host:1',
    'host:1:1',
    'host:1:99999',
    'host:1:2:leader',
    'host:1:2;3;4',
    '[::1:1:2',
    ':1:2',
  ]) {
    assert.equal(typeof parseServerLine(1, line), 'string', line)
  }
})

test('the text is Java’s: roles written out, the version last in hexadecimal, no line end behind it', () => {
  const text = 'server.1=a:2888:3888:participant;0.0.0.0:2181\nserver.2=b:2888:3888:observer\nversion=1f00000000'
  const config = parseQuorumConfig(text) as QuorumConfig
  assert.equal(config.version, 0x1f * 2 ** 32)
  assert.deepEqual([...config.voters], [1])
  assert.equal(config.toString(), text)
})

test('a majority is more than half of the voters; observers do not count', () => {
  const config = parseQuorumConfig(
    'server.1=a:1:2\nserver.2=b:1:2\nserver.3=c:1:2\nserver.4=d:1:2\nserver.5=e:1:2:observer',
  ) as QuorumConfig
  assert.equal(config.containsQuorum([1, 2]), false)
  assert.equal(config.containsQuorum([1, 2, 5]), false)
  assert.equal(config.containsQuorum([1, 2, 4]), true)
})

test('a hierarchical quorum is a majority of weight in a majority of groups', () => {
  const servers = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((sid) => `server.${sid}=h${sid}:1:2`).join('\n')
  const groups = 'group.1=1:2:3\ngroup.2=4:5:6\ngroup.3=7:8:9'
  const config = parseQuorumConfig(`${servers}\n${groups}`) as QuorumConfig
  assert.equal(config.containsQuorum([1, 2, 4, 5]), true)
  assert.equal(config.containsQuorum([1, 2, 3, 4, 7]), false)
  const weighted = parseQuorumConfig(`${servers}\n${groups}\nweight.7=0\nweight.8=0\nweight.9=0`) as QuorumConfig
  assert.equal(weighted.containsQuorum([1, 2]), false) // One of two groups that count is no majority.
  assert.equal(weighted.containsQuorum([1, 2, 4, 5]), true)
  assert.equal(weighted.weight(7), 0)
  assert.match(String(parseQuorumConfig(`${servers}\ngroup.1=1:2:3`)), /in no group/)
  assert.match(String(parseQuorumConfig(`${servers}\ngroup.1=1:2\ngroup.2=2:3`)), /two groups/)
})

test('two quorums always have a server in common', () => {
  const sids = fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { minLength: 1 })
  const weights = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 9, maxLength: 9 })
  fc.assert(
    fc.property(sids, sids, weights, fc.boolean(), (a, b, weight, hierarchical) => {
      const members = Array.from({ length: 9 }, (_, i) => parseServerLine(i + 1, `h${i}:1:2`) as Member)
      const hierarchy = {
        groups: new Map(members.map(({ sid }) => [sid, sid % 3])),
        weights: new Map(members.map(({ sid }, i) => [sid, weight[i] as number])),
      }
      const config = new QuorumConfig(members, 0, hierarchical ? hierarchy : null)
      if (config.containsQuorum(a) && config.containsQuorum(b)) assert.ok(a.some((sid) => b.includes(sid)))
    }),
  )
})

test('no text makes the parser do worse than say what is wrong', () => {
  fc.assert(fc.property(fc.string(), (text) => void parseQuorumConfig(text)))
  const line = fc.constantFrom(
    'server.1=',
    'server.x=a:1:2',
    'version=zz',
    'group.1=1',
    'weight.1=-1',
    'a:1:2',
    '=',
    '\n',
  )
  fc.assert(fc.property(fc.array(line), (parts) => void parseQuorumConfig(parts.join('\n'))))
})
