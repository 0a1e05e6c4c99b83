import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import { EnsembleSurvey, type SurveyedMember } from '../../dist/ensemble/ensemble-survey.js'
import { LeaderHistory } from '../../dist/ensemble/leader-history.js'
import { membersOf } from '../../dist/ensemble/member-address.js'
import { askServer, parseFigures } from '../../dist/ensemble/server-figures.js'
import { ManualClock } from '../manual-clock.ts'
import { started } from '../started.ts'

test('the members are those whom the configuration names', () => {
  const config = [
    'server.1=a:2888:3888:participant;0.0.0.0:2181',
    'server.2=[::1]:2888:3888|b:2888:3888:observer;[::1]:2182',
    'server.3=c:2888:3888',
    'server.4=d:2888:3888:participant;2184',
    'version=100000000',
  ]
  assert.deepEqual(membersOf(config.join('\n'), 'x:2190/chroot'), [
    { sid: '1', host: 'a', port: 2181, voting: true },
    { sid: '2', host: '::1', port: 2182, voting: false },
    { sid: '3', host: 'c', port: 2190, voting: true },
    { sid: '4', host: 'd', port: 2184, voting: true },
  ])
})

test('where the configuration does not say where clients go, they go where the gateway does', () => {
  const config = 'server.1=a:2888:3888:participant\nserver.2=a:2889:3889:participant\nversion=0'
  assert.deepEqual(
    membersOf(config, 'a:2181,a:2182').map(({ host, port }) => `${host}:${port}`),
    ['a:2181', 'a:2182'],
  )
})

test('without a configuration they are the servers that were given', () => {
  assert.deepEqual(membersOf('version=0', 'x,[::1]:2191/chroot'), [
    { sid: null, host: 'x', port: 2181, voting: null },
    { sid: null, host: '::1', port: 2191, voting: null },
  ])
})

test('whatever a configuration says, it is read', () => {
  fc.assert(fc.property(fc.string(), fc.string(), (config, servers) => void membersOf(config, servers)))
  fc.assert(fc.property(fc.string(), (line) => void membersOf(`server.1=${line}`, '')))
})

test('what a server says of itself is taken apart', () => {
  const answer = [
    'Zookeeper version: 3.9.5-abc, built on 2026-01-01 00:00 UTC',
    'Latency min/avg/max: 0/0.4512/12',
    'Received: 50',
    'Sent: 49',
    'Connections: 3',
    'Outstanding: 1',
    'Zxid: 0x500000007',
    'Mode: leader',
    'Node count: 5',
    'Proposal sizes last/min/max: 32/32/36',
  ]
  assert.deepEqual(parseFigures(answer.join('\n')), {
    mode: 'leader',
    version: '3.9.5-abc',
    zxid: '0x500000007',
    latency: { min: 0, average: 0.4512, max: 12 },
    received: 50,
    sent: 49,
    connections: 3,
    outstanding: 1,
    nodes: 5,
  })
  assert.equal(parseFigures('srvr is not executed because it is not in the whitelist.'), null)
  fc.assert(fc.property(fc.string(), (text) => void parseFigures(text)))
})

test('who says nothing, or too much, is told of', async (t) => {
  const talker = createServer((socket) => socket.on('error', () => {}).write('x'.repeat(100_000)))
  await new Promise<void>((resolve) => talker.listen(0, '127.0.0.1', resolve))
  t.after(() => talker.close())
  const { port } = talker.address() as { port: number }
  assert.equal(await askServer('127.0.0.1', port), 'that is no ZooKeeper server')
  await new Promise((resolve) => talker.close(resolve))
  assert.match(String(await askServer('127.0.0.1', port)), /ECONNREFUSED/)
})

test('a server that stands alone is its own ensemble', async () => {
  await using each = await started()
  const { status, json } = await each.get('/ensemble')
  assert.equal(status, 200)
  const [member, ...more] = json.members
  assert.equal(more.length, 0)
  assert.deepEqual([member.self, member.problem, member.figures.mode], [true, null, 'standalone'])
})

test('no caller is told of members by what only another may read', async () => {
  const survey = new EnsembleSurvey('127.0.0.1:1', false, new ManualClock())
  const config = 'server.7=127.0.0.1:2888:3888:participant;127.0.0.1:2'
  const addresses = async (caller: string, given: string | null): Promise<string[]> =>
    (await survey.members(caller, given)).members.map(({ address }) => address)
  assert.deepEqual(await addresses('ann', config), ['127.0.0.1:2'])
  assert.deepEqual(await addresses('bob', ''), ['127.0.0.1:1'])
  assert.deepEqual(await addresses('carl', null), ['127.0.0.1:1'])
  // While nobody can be asked, each goes by what it could read before.
  assert.deepEqual(await addresses('ann', null), ['127.0.0.1:2'])
})

const member = (sid: string, mode: string | null, epoch = 1): SurveyedMember => ({
  sid,
  address: `host-${sid}:2181`,
  voting: true,
  problem: mode === null ? 'gone' : null,
  figures:
    mode === null
      ? null
      : {
          mode,
          zxid: `0x${epoch.toString(16)}00000005`,
          version: '',
          latency: { min: 0, average: 0, max: 0 },
          received: 0,
          sent: 0,
          connections: 0,
          outstanding: 0,
          nodes: 0,
        },
})

test('who has led is told since when, and when nobody has', () => {
  const history = new LeaderHistory()
  const surveys: readonly (readonly SurveyedMember[])[] = [
    [member('1', 'leader'), member('2', 'follower')],
    [member('1', 'leader'), member('2', 'follower')],
    [member('1', null), member('2', null)],
    [member('1', null), member('2', 'leader', 2)],
    // The old one has not noticed yet.
    [member('1', 'leader', 1), member('2', 'leader', 2)],
    [member('1', 'follower', 3), member('2', 'leader', 3)],
  ]
  for (const [at, members] of surveys.entries()) history.note(members, at)
  assert.deepEqual(history.changes, [
    { at: 0, leader: '1', epoch: 1 },
    { at: 2, leader: null, epoch: 1 },
    { at: 3, leader: '2', epoch: 2 },
    { at: 5, leader: '2', epoch: 3 },
  ])
  for (let at = 0; at < 1000; at++) history.note([member(String(at), 'leader')], at)
  assert.equal(history.changes.length, 200)
  const alone = new LeaderHistory()
  alone.note([member('1', 'standalone')], 1)
  assert.deepEqual(alone.changes, [])
})
