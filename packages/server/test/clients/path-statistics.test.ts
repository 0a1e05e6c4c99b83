import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OpCode, Operation, type OperationName } from '@vivarium/protocol'
import { PathStatistics } from '../../dist/clients/path-statistics.js'
import { type ConfigValues, createServerConfig } from '../../dist/config/server-config.js'
import { create, encode, look, set } from '../protocol/requests.ts'
import { RecordedLog } from '../standalone/recorded-log.ts'
import { TestClock } from './fakes.ts'

const MINUTE_MS = 60_000

function started(settings: ConfigValues = {}, random: () => number = () => 0) {
  const clock = new TestClock()
  const log = new RecordedLog()
  const config = createServerConfig({ dataDir: '/data', pathStatsEnabled: true, ...settings })
  const statistics = new PathStatistics(config, clock, log, { uint32: random })
  const send = (opcode: number, body: Uint8Array): void => {
    // A body stands somewhere in what has arrived.
    const bytes = Buffer.concat([Buffer.alloc(3), body, Buffer.alloc(3)])
    statistics.count(opcode, bytes, 3, 3 + body.length)
  }
  const ask = (name: OperationName, request: unknown): void => send(Operation[name].opcode, encode(name, request))
  const read = (path: string, times = 1): void => {
    for (let i = 0; i < times; i++) ask('getData', look(path))
  }
  /** What has been logged since the last look. */
  const told = (): string[] => log.lines.splice(0).map((line) => line.replace(/^info: (.*) \{\}$/, '$1'))
  return { clock, statistics, ask, send, read, told }
}

test('the paths that are read and written most are logged after some minutes, and again', () => {
  const { clock, ask, read, told } = started()
  read('/rare')
  read('/often', 3)
  ask('create', create('/new'))
  ask('setData', set('/new'))
  ask('sync', { path: '/' })
  assert.deepEqual(told(), [])
  clock.advance(5 * MINUTE_MS)
  const first = [
    ...['Here are the top Read paths:', '/often : 3', '/rare : 1'],
    ...['Here are the top Write paths:', '/new : 2', '/ : 1'],
  ]
  assert.deepEqual(told(), first)
  clock.advance(5 * MINUTE_MS)
  assert.deepEqual(told(), first)
})

test('what is older than all slots is forgotten', () => {
  const { clock, read, statistics, told } = started({ pathStatsSlots: 2, pathStatsSlotSeconds: 10 })
  read('/a')
  clock.advance(29_999)
  statistics.tell()
  assert.ok(told().includes('/a : 1'))
  clock.advance(1)
  statistics.tell()
  assert.deepEqual(told(), ['Here are the top Read paths:', 'Here are the top Write paths:'])
})

test('paths count by their first parts, and no more of them are told than wanted', () => {
  const deep = started()
  deep.read('/a/b/c/d/e')
  deep.read('/a/b/c/d')
  deep.statistics.tell()
  assert.equal(deep.told()[1], '/a/b/c/d : 2')
  const shallow = started({ pathStatsMaxDepth: 1, pathStatsMostPaths: 1 })
  shallow.read('/é/b', 2)
  shallow.read('/x')
  shallow.statistics.tell()
  assert.deepEqual(shallow.told().slice(0, 3), [
    'Here are the top Read paths:',
    '/é : 2',
    'Here are the top Write paths:',
  ])
})

test('a share of the requests counts', () => {
  let turn = 0
  const { read, statistics, told } = started({ pathStatsSampleRate: 0.25 }, () => ((turn++ % 10) * 2 ** 32) / 10)
  read('/a', 100)
  statistics.tell()
  assert.equal(told()[1], '/a : 30')
})

test('there is an end to what clients can make up, and nothing that they send is too bad', () => {
  const { send, read, statistics, told } = started({ pathStatsMostPaths: 1_000_000 })
  for (let i = 0; i < 3000; i++) read(`/${i}`)
  read('/0')
  for (const bad of ['', '00000001', 'ffffffff2f', '7fffffff2f61', '000000012f', '0000000261', '000000022fff']) {
    send(OpCode.exists, Buffer.from(bad, 'hex'))
    send(OpCode.multi, Buffer.from(bad, 'hex'))
    send(12_345, Buffer.from(bad, 'hex'))
  }
  statistics.tell()
  const lines = told()
  assert.ok(lines.includes('/0 : 2'))
  assert.equal(lines.length, 1000 + 2)
})

test('after the end nothing is logged', () => {
  const { clock, statistics, told } = started()
  statistics.stop()
  clock.advance(60 * MINUTE_MS)
  assert.deepEqual(told(), [])
})
