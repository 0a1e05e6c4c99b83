import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { METRICS } from '../../dist/admin/metric-table.js'
import { loadConfig } from '../../dist/index.js'
import { startStandalone } from './standalone.ts'

// What is in deploy/ fits the server: metrics that are there, a configuration that is understood.

const read = (path: string): string => readFileSync(new URL(`../../../../deploy/${path}`, import.meta.url), 'utf8')

/** Words of PromQL that are no metrics. */
const LANGUAGE = new Set([
  ...[
    'sum',
    'min',
    'max',
    'count',
    'avg',
    'topk',
    'rate',
    'increase',
    'delta',
    'changes',
    'predict_linear',
    'by',
    'on',
  ],
  ...['unless', 'and', 'or', 'up', 'job', 'instance', 'key', 'label_values'],
])

/** The names of metrics in an expression. */
function metricsIn(expression: string): string[] {
  const bare = expression
    .replace(/\{[^}]*\}/g, '')
    .replace(/\[[^\]]*\]/g, '')
    .replace(/\b\d[\w.]*/g, '')
  return (bare.match(/[a-z_][a-z0-9_]*/gi) ?? []).filter((word) => !LANGUAGE.has(word))
}

interface Dashboard {
  readonly panels: readonly { readonly title: string; readonly targets?: readonly { readonly expr: string }[] }[]
}

const dashboard = (): string[] =>
  (JSON.parse(read('grafana/vivarium.json')) as Dashboard).panels.flatMap(({ targets = [] }) =>
    targets.map(({ expr }) => expr),
  )

const alerts = (): string[] =>
  Array.from(read('prometheus/alerts.yml').matchAll(/^ +expr: (.*)$/gm), ([, expr = '']) => expr)

test('dashboard and alerts ask for metrics that there are', async (t) => {
  const { server } = await startStandalone(t, {
    'metricsProvider.className': 'org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider',
    'metricsProvider.httpHost': '127.0.0.1',
    'metricsProvider.httpPort': 0,
  })
  const text = await (await fetch(`http://127.0.0.1:${server.http.metrics?.port}/metrics`)).text()
  const own = Array.from(text.matchAll(/^# TYPE ((?:vivarium|process)_\w+) /gm), ([, name = '']) => name)
  // Of ZooKeeper's, a standalone server does not show those of ensembles.
  const known = new Set([...own, ...Object.keys(METRICS)])
  const expressions = [...dashboard(), ...alerts()]
  assert.ok(expressions.length > 50)
  const missing = expressions
    .flatMap(metricsIn)
    .filter((name) => !known.has(name) && !known.has(name.replace(/_(sum|count)$/, '')))
  assert.deepEqual(missing, [])
  const asked = new Set(expressions.flatMap(metricsIn))
  assert.deepEqual(
    own.filter((name) => name.startsWith('vivarium_') && !asked.has(name)),
    ['vivarium_gc_total', 'vivarium_info'],
    'what is ours is on the dashboard, but for these',
  )
})

test('the configuration for Kubernetes is understood, to the last word', () => {
  const [, text = ''] = /zoo\.cfg: \|\n((?: {4}.*\n)+)/.exec(read('kubernetes/vivarium.yaml')) ?? []
  const lines = text.replaceAll(/^ {4}/gm, '')
  const { config, messages } = loadConfig({ path: 'zoo.cfg', text: lines }, { readFile: () => '1' })
  assert.deepEqual(messages, [])
  assert.equal(config?.ensemble?.voters.size, 3)
})

test('the ports of the manifests, the image and the configuration are the same', () => {
  const manifest = read('kubernetes/vivarium.yaml')
  const ports = Array.from(manifest.matchAll(/containerPort: (\d+)/g), ([, port]) => port).sort()
  const exposed = /^EXPOSE (.*)$/m.exec(read('container/Containerfile'))?.[1]?.split(' ').sort()
  assert.deepEqual(ports, exposed)
  for (const port of ['clientPort=2181', 'admin.serverPort=8080', 'metricsProvider.httpPort=7000', ':2888:3888'])
    assert.ok(manifest.includes(port), port)
})
