import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const BIN = fileURLToPath(new URL('../bin/vivarium.js', import.meta.url))

interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

function config(...args: string[]): Ran {
  const env = { ...process.env, JVMFLAGS: '', SERVER_JVMFLAGS: '' }
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, 'config', ...args], { encoding: 'utf8', env })
  return { code: status, out: stdout, err: stderr }
}

function layOut(t: TestContext, ...lines: string[]): { path: string; data: string } {
  const directory = mkdtempSync(join(tmpdir(), 'vivarium-explain-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const data = join(directory, 'data')
  mkdirSync(data)
  const path = join(directory, 'zoo.cfg')
  writeFileSync(path, [`dataDir=${data}`, 'clientPort=0', ...lines].join('\n'))
  return { path, data }
}

test('explain tells of what is set: value, place, default, meaning, and what becomes of it', (t) => {
  const { path } = layOut(
    t,
    'tickTime=2000',
    'snapCount=100000',
    'nio.numWorkerThreads=4',
    'snapCont=1',
    'admin.httpVersion=20',
  )
  const { code, out, err } = config('explain', path)
  assert.equal(code, 0)
  assert.match(out, /^tickTime=2000\n {4}from .*zoo\.cfg:3; default 3000\n {4}Length of a tick/m)
  assert.match(out, /^snapCount=100000\n {4}from .*zoo\.cfg:4, as by default\n/m)
  assert.match(out, /^nio\.numWorkerThreads=4\n.*\n.*\n {4}tunes the Java server; accepted, without effect\n/m)
  assert.match(out, /^admin\.httpVersion=20\n.*\n.*\n {4}without effect: the admin server speaks HTTP\/1\.1/m)
  assert.doesNotMatch(out, /^initLimit=/m)
  assert.match(err, /snapCont.*did you mean snapCount\?/)
})

test('explain tells of single keys, of all, and in JSON', (t) => {
  const { path } = layOut(t)
  assert.match(config('explain', path, '-k', 'snapCount').out, /^snapCount=100000\n {4}the default\n/)
  assert.match(config('explain', path, '--all').out, /^initLimit=/m)
  const { entries } = JSON.parse(config('explain', path, '-k', 'snapCount', '--json').out) as { entries: unknown[] }
  assert.deepEqual((entries[0] as { name: string; place: unknown }).place, null)
})

test('explain shows no password', (t) => {
  const { path } = layOut(t, 'DigestAuthenticationProvider.superDigest=super:hash')
  const { out } = config('explain', path)
  assert.match(out, /superDigest=\(set\)/)
  assert.doesNotMatch(out, /super:hash/)
})

test('check finds what would keep a server from starting', (t) => {
  const good = layOut(t)
  assert.equal(config('check', good.path).code, 0)
  assert.equal(config('check', layOut(t, 'tickTime=0').path).code, 2)
  writeFileSync(join(good.data, 'file'), '')
  const wrong = config('check', good.path, '-D', `dataLogDir=${good.data}/file`)
  assert.deepEqual([wrong.code, wrong.err], [1, `error: ${good.data}/file is no directory\n`])
  const missing = config('check', good.path, '-D', `dataLogDir=${good.data}/none`, '-D', 'datadir.autocreate=false')
  assert.match(missing.err, /none is missing, and datadir\.autocreate=false/)
})

test('check reads what the server would read: stores, JAAS files, modules, hashes', (t) => {
  const secure = layOut(t, 'secureClientPort=0', 'ssl.clientAuth=none', 'ssl.keyStore.inline=aGVsbG8=')
  const wrong = [
    ['-D', 'java.security.auth.login.config=/none/jaas.conf'],
    ['-D', 'authProvider.own=/none/own.mjs'],
    ['-D', 'admin.forceHttps=true'],
  ].flat()
  const { code, err } = config('check', secure.path, ...wrong)
  assert.equal(code, 1)
  assert.deepEqual(
    err.split('\n').map((line) => line.replace(/: (?:ENOENT|Cannot find).*/, '')),
    [
      'error: java.security.auth.login.config=/none/jaas.conf cannot be read',
      'error: The authentication provider /none/own.mjs cannot be used',
      'error: ssl.keyStore.inline cannot be used: it is neither PEM nor PKCS#12 nor JKS',
      'error: ssl.quorum.keyStore.location is not set, nor ssl.quorum.keyStore.inline',
      '',
    ],
  )
  const hash = config('check', layOut(t).path, '-D', 'DigestAuthenticationProvider.digestAlg=MD17')
  assert.match(hash.err, /^error: DigestAuthenticationProvider\.digestAlg=MD17 is a hash that is not to be had here$/m)
})

test('check looks at every port that the server listens on', { skip: process.platform !== 'linux' }, async (t) => {
  const listener = createServer().listen(0, '127.0.0.1')
  t.after(() => listener.close())
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  const members = [`server.1=a:2888:${port}`, 'server.2=b:2888:3888', 'initLimit=5', 'syncLimit=2']
  const prometheus = 'metricsProvider.className=org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider'
  const used: string[][] = [members, ['admin.serverPort=PORT'], [prometheus, 'metricsProvider.httpPort=PORT']]
  for (const lines of used) {
    const { path, data } = layOut(t, ...lines.map((line) => line.replace('PORT', `${port}`)))
    writeFileSync(join(data, 'myid'), '1\n')
    assert.match(config('check', path).err, new RegExp(`^error: port ${port} is in use by process ${process.pid} `))
  }
})

test('check wants to know which of the servers this one is', (t) => {
  const members = ['server.1=a:2888:3888', 'server.2=b:2888:3888', 'server.3=c:2888:3888', 'initLimit=5', 'syncLimit=2']
  const { path, data } = layOut(t, ...members)
  assert.match(config('check', path).err, /myid is missing/)
  writeFileSync(join(data, 'myid'), '4\n')
  assert.match(config('check', path).err, /myid says 4, and there is no such server\.N line/)
  writeFileSync(join(data, 'myid'), '2\n')
  assert.match(config('check', path).out, /is good: a member of 3 servers/)
})
