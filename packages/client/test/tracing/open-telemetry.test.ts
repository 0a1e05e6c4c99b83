import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SpanKind, SpanStatusCode } from '@opentelemetry/api'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { traceRequests } from '../../dist/tracing/index.js'
import { FakeEnsemble } from '../fake/fake-ensemble.ts'
import { settle } from '../fake/manual-clock.ts'

test('every request becomes a span', async (t) => {
  const exporter = new InMemorySpanExporter()
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
  const stop = traceRequests(provider.getTracer('test'))
  t.after(stop)
  const { zk, peer } = await new FakeEnsemble().connected({ name: 'me' })
  const outcomes = Promise.allSettled([zk.getData('/a'), zk.getData('/none'), zk.delete('/b')])
  await settle()
  assert.equal(exporter.getFinishedSpans().length, 0)
  peer.replyData(peer.expect('getData'), 'x')
  peer.reply(peer.expect('getData'), { error: 'NONODE' })
  await settle()
  peer.cut()
  assert.deepEqual(
    (await outcomes).map(({ status }) => status),
    ['fulfilled', 'rejected', 'rejected'],
  )
  const spans = exporter.getFinishedSpans()
  assert.deepEqual(
    spans.map(({ name, kind, status, attributes }) => [name, kind, status.code, attributes['zookeeper.error']]),
    [
      ['zookeeper.getData', SpanKind.CLIENT, SpanStatusCode.UNSET, undefined],
      ['zookeeper.getData', SpanKind.CLIENT, SpanStatusCode.UNSET, 'NONODE'],
      ['zookeeper.delete', SpanKind.CLIENT, SpanStatusCode.ERROR, 'CONNECTIONLOSS'],
    ],
  )
  assert.equal(spans[0]?.attributes['zookeeper.client'], 'me')
  stop()
  await zk.close()
  assert.equal(exporter.getFinishedSpans().length, 3)
})
