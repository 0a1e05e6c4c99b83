import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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

/** What the ConfigMap has under a name. */
function mapped(name: string): string {
  const [, text = ''] =
    new RegExp(`^  ${name.replace('.', '\\.')}: \\|\n((?: {4}.*\n)+)`, 'm').exec(read('kubernetes/vivarium.yaml')) ?? []
  return text.replaceAll(/^ {4}/gm, '')
}

test('the configuration for Kubernetes is understood, to the last word, encrypted or not', () => {
  for (const tls of [false, true]) {
    const lines = `${mapped('zoo.cfg')}${mapped('members')}`
    const text = tls ? lines.replaceAll(/^#(?=[a-z])/gim, '') : lines
    const { config, messages } = loadConfig({ path: 'zoo.cfg', text }, { readFile: () => '1' })
    assert.deepEqual(messages, [])
    assert.equal(config?.ensemble?.voters.size, 3)
    assert.equal(config?.sslQuorum, tls)
  }
})

test('a pod makes its zoo.cfg of the ConfigMap, and of whom it knew as members', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'vivarium-pod-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const [data, config] = [join(directory, 'data'), join(directory, 'config')]
  for (const each of [data, config]) mkdirSync(each)
  for (const name of ['zoo.cfg', 'members']) writeFileSync(join(config, name), mapped(name))
  const script = mapped('prepare.sh').replaceAll('/data', data).replaceAll('/etc/vivarium/', `${config}/`)
  const made = join(data, 'conf', 'zoo.cfg')
  /** The lines behind those of the ConfigMap. */
  const prepare = (pod: string): string[] => {
    execFileSync('sh', ['-c', script], { env: { PATH: process.env.PATH, HOSTNAME: pod } })
    const text = readFileSync(made, 'utf8')
    assert.ok(text.startsWith(mapped('zoo.cfg')))
    return text.slice(mapped('zoo.cfg').length).trim().split('\n')
  }
  const first = mapped('members').trim().split('\n')
  assert.deepEqual(prepare('vivarium-1'), first)
  assert.equal(readFileSync(join(data, 'myid'), 'utf8'), '2\n')
  assert.deepEqual(prepare('vivarium-3'), [...first, 'server.4=vivarium-3.vivarium-members:2888:3888;2181'])
  writeFileSync(made, 'dynamicConfigFile=/data/conf/zoo.cfg.dynamic.100000000\n')
  assert.deepEqual(prepare('vivarium-3'), ['dynamicConfigFile=/data/conf/zoo.cfg.dynamic.100000000'])
  assert.deepEqual(prepare('vivarium-3'), ['dynamicConfigFile=/data/conf/zoo.cfg.dynamic.100000000'])
})

test('the ports of the manifests, the image and the configuration are the same', () => {
  const manifest = read('kubernetes/vivarium.yaml')
  const ports = Array.from(manifest.matchAll(/containerPort: (\d+)/g), ([, port]) => port).sort()
  const exposed = /^EXPOSE (.*)$/m.exec(read('container/Containerfile'))?.[1]?.split(' ').sort()
  assert.deepEqual(ports, exposed)
  for (const port of ['admin.serverPort=8080', 'metricsProvider.httpPort=7000', ':2888:3888;2181'])
    assert.ok(manifest.includes(port), port)
})
