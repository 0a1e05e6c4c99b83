import assert from 'node:assert/strict'
import { test } from 'node:test'
import { create } from '../protocol/requests.ts'
import { startStandalone } from './standalone.ts'

test('bytes are counted by namespace', async (t) => {
  const server = await startStandalone(t)
  const client = await server.client()
  await client.do('create', create('/app'))
  await client.do('create', create('/app/a'))
  await client.data('/app/a')
  await client.children('/app')
  await client.stat('/app')
  await client.data('/')
  assert.equal(await server.metric('cnt_app_write_per_namespace'), '2')
  assert.equal(await server.metric('sum_app_write_per_namespace'), String('/app'.length + '/app/a'.length))
  assert.equal(await server.metric('cnt_app_read_per_namespace'), '3')
  const sizes = ['/app/a'.length, '/app'.length + 'a'.length, '/app'.length]
  assert.equal(
    await server.metric('sum_app_read_per_namespace'),
    String(sizes.reduce((sum, size) => sum + size + 68, 0)),
  )
  await client.close()
})

test("with Java's NullMetricsProvider mntr tells no metric", async (t) => {
  const server = await startStandalone(t, {
    'metricsProvider.className': 'org.apache.zookeeper.metrics.impl.NullMetricsProvider',
  })
  const names = (await server.word('mntr'))
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t')[0])
  assert.deepEqual(names, ['zk_version', 'zk_server_state'])
})

test('how long it took to load is told', async (t) => {
  const first = await startStandalone(t)
  assert.equal(await first.metric('cnt_startup_snap_load_time'), '1')
  assert.equal(await first.metric('cnt_startup_txns_load_time'), '0')
  await first.close()
  const second = await startStandalone(t, { dataDir: first.dataDir })
  assert.equal(await second.metric('cnt_startup_txns_load_time'), '1')
})

test('pauses of the process are counted where that is asked for', async (t) => {
  const server = await startStandalone(t, { 'jvm.pause.monitor': 'true', 'jvm.pause.sleep.time.ms': 10 })
  while ((await server.metric('cnt_jvm_pause_time_ms')) === '0');
  assert.equal(await (await startStandalone(t)).metric('cnt_jvm_pause_time_ms'), '0')
})
