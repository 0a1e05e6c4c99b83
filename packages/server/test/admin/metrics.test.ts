import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fourLetterCode } from '@vivarium/protocol'
import { findCommand, runCommand } from '../../dist/admin/four-letter-words.js'
import { METRICS } from '../../dist/admin/metric-table.js'
import { createMetrics, emitMetrics, type Metrics, resetMetrics } from '../../dist/admin/metrics.js'
import { createServerConfig } from '../../dist/config/server-config.js'
import { exampleView } from './example-view.js'

const JAVA = readFileSync(new URL('../../test/admin/fixtures/mntr.txt', import.meta.url), 'utf8')

/** Gauges that a standalone server of Java registers beyond those that ServerStats and ProcessFigures feed. */
const STANDALONE_GAUGES = [
  'num_alive_connections',
  'outstanding_requests',
  'znode_count',
  'watch_count',
  'ephemerals_count',
  'approximate_data_size',
  'global_sessions',
  'local_sessions',
  'connection_drop_probability',
  'outstanding_tls_handshake',
] as const

const lines = (text: string): Map<string, string> =>
  new Map(
    text
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t') as [string, string]),
  )

const emitted = (metrics: Metrics): Record<string, string> => {
  const found: Record<string, string> = {}
  emitMetrics({ metrics, config: createServerConfig({}) }, (key, text) => {
    found[key] = text
  })
  return found
}

async function mntr(): Promise<Map<string, string>> {
  const view = exampleView()
  for (const name of STANDALONE_GAUGES) view.metrics[name].source = () => 0
  for (const namespace of ['eph', 'eph2', 'node']) view.metrics.write_per_namespace.observe(namespace, 7)
  view.metrics.read_per_namespace.observe('node', 7)
  let text = ''
  for await (const chunk of runCommand(findCommand(fourLetterCode('mntr'))!, view, new Uint8Array())) text += chunk
  return lines(text)
}

test('mntr has the keys of a standalone server of Java, and no others', async () => {
  assert.deepEqual([...(await mntr()).keys()].toSorted(), [...lines(JAVA).keys()].toSorted())
})

test('mntr writes whole numbers where Java does, and fractions where Java does', async () => {
  const ours = await mntr()
  for (const [key, value] of lines(JAVA)) {
    if (key === 'zk_version') continue
    const form = (text: string | undefined): string => (text ?? '').replace(/^-?\d+/, '0').replace(/\.\d+$/, '.0')
    assert.equal(form(ours.get(key)), form(value), key)
  }
})

test('there are the 160 metrics of ZooKeeper 3.9', () => {
  assert.equal(Object.keys(METRICS).length, 160)
})

test('a summary tells average, least, greatest, count and sum', () => {
  const metrics = createMetrics()
  for (const ms of [1, 2, 2]) metrics.fsynctime.observe(ms)
  const found = emitted(metrics)
  assert.equal(found.avg_fsynctime, '1.6667')
  assert.deepEqual(
    [found.min_fsynctime, found.max_fsynctime, found.cnt_fsynctime, found.sum_fsynctime],
    ['1', '2', '3', '5'],
  )
})

test('the key of a set goes before the name, and behind what is told of it', () => {
  const metrics = createMetrics()
  metrics.write_per_namespace.observe('app', 5)
  metrics.ack_latency.observe('1', 3)
  metrics.quota_exceeded_error_per_namespace.add('app', 2)
  metrics.quota_count_limit_per_namespace.source = () => [['app', 10]]
  const found = emitted(metrics)
  assert.equal(found.sum_app_write_per_namespace, '5')
  assert.equal(found.p99_1_ack_latency, '3')
  assert.equal(found.app_quota_exceeded_error_per_namespace, '2')
  assert.equal(found.app_quota_count_limit_per_namespace, '10')
})

test('clients cannot make a set grow without end', () => {
  const metrics = createMetrics()
  for (let i = 0; i < 20_000; i++) metrics.quota_exceeded_error_per_namespace.add(`n${i}`, 1)
  const keys = Object.keys(emitted(metrics)).filter((key) => key.endsWith('_quota_exceeded_error_per_namespace'))
  assert.equal(keys.length, 10_000)
})

test('a gauge without a source is not shown', () => {
  const metrics = createMetrics()
  assert.equal(emitted(metrics).znode_count, undefined)
  metrics.znode_count.source = () => 3.9
  metrics.connection_drop_probability.source = () => 1
  assert.equal(emitted(metrics).znode_count, '3')
  assert.equal(emitted(metrics).connection_drop_probability, '1.0')
})

test('a reset forgets everything but the sources, and what they had counted', () => {
  const metrics = createMetrics()
  let dropped = 5
  metrics.connection_drop_count.source = () => dropped
  metrics.snap_count.add(2)
  metrics.readlatency.observe(1000)
  metrics.write_per_namespace.observe('app', 5)
  resetMetrics(metrics)
  dropped = 7
  const found = emitted(metrics)
  assert.equal(found.connection_drop_count, '2')
  assert.equal(found.snap_count, '0')
  assert.deepEqual([found.p999_readlatency, found.max_readlatency, found.cnt_readlatency], ['0', '0', '0'])
  assert.equal(found.cnt_app_write_per_namespace, '0')
})
