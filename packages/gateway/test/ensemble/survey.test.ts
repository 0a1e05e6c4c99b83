import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import { membersOf } from '../../dist/ensemble/member-address.js'
import { askServer, parseFigures } from '../../dist/ensemble/server-figures.js'
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
