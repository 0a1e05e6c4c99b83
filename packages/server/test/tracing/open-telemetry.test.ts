import assert from 'node:assert/strict'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { test } from 'node:test'
import { SpanKind } from '@opentelemetry/api'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { OPEN_ACL_UNSAFE } from '@vivarium/protocol'
import { type AnsweredRequest, REQUEST_CHANNEL, traceRequests } from '../../dist/tracing/index.js'
import { Harness } from '../clients/harness.ts'
import { create, look } from '../protocol/requests.ts'
import { startStandalone } from '../standalone/standalone.ts'

test('every request becomes a span', async (t) => {
  const exporter = new InMemorySpanExporter()
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
  const stop = traceRequests(provider.getTracer('test'))
  t.after(stop)
  const server = await startStandalone(t)
  const client = await server.client()
  await client.do('create', create('/a'))
  assert.equal(await client.code('getData', look('/a')), 'OK')
  assert.equal(await client.code('getData', look('/none')), 'NONODE')
  await client.close()
  const spans = exporter.getFinishedSpans()
  const names = spans.map(({ name }) => name.replace('zookeeper.', ''))
  assert.deepEqual(names, ['createSession', 'create', 'getData', 'getData', 'closeSession'])
  const [, created, read, missed] = spans
  assert.equal(created?.kind, SpanKind.SERVER)
  assert.equal(created?.attributes['client.address'], '127.0.0.1')
  assert.equal(created?.attributes['zookeeper.zxid'], '0x2')
  assert.match(String(created?.attributes['zookeeper.session']), /^0x[1-9a-f][0-9a-f]*$/)
  assert.equal(read?.attributes['zookeeper.error'], undefined)
  assert.equal(missed?.attributes['zookeeper.error'], 'NONODE')
  for (const { startTime, endTime } of spans)
    assert.ok(startTime[0] * 1e9 + startTime[1] <= endTime[0] * 1e9 + endTime[1])
  stop()
  await (await server.client()).close()
  assert.equal(exporter.getFinishedSpans().length, spans.length)
})

test('a write is as long as it has waited for the disk', (t) => {
  const told: AnsweredRequest[] = []
  const listener = (message: unknown): void => void told.push(message as AnsweredRequest)
  const harness = new Harness()
  const peer = harness.client()
  subscribe(REQUEST_CHANNEL, listener)
  t.after(() => unsubscribe(REQUEST_CHANNEL, listener))
  peer.send('create', { path: '/a', data: null, acl: OPEN_ACL_UNSAFE, flags: 0 })
  harness.clock.advance(7)
  assert.equal(told.length, 0)
  harness.sync()
  assert.deepEqual(
    told.map(({ xid, errno, latencyMs }) => [xid, errno, latencyMs]),
    [[1, 0, 7]],
  )
})
