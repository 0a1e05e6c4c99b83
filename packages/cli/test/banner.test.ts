import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createServerConfig, loadConfig } from '@vivarium/server'
import { banner } from '../dist/banner.js'

const config = createServerConfig({ dataDir: '/data', clientPort: 2181 })

const CASES: readonly (readonly [host: string, connect: RegExp, attempt: RegExp])[] = [
  [
    '127.0.0.1',
    /connect to +127\.0\.0\.1:2181 {2}\(from this machine only\)\n/,
    /npx vivarium -server 127\.0\.0\.1:2181 ls \/\n/,
  ],
  ['::1', /connect to +\[::1\]:2181 {2}\(from this machine only\)\n/, /npx vivarium -server \[::1\]:2181 ls \/\n/],
  ['::', /connect to +localhost:2181 {2}\(from anywhere/, /-server localhost:2181 ls \/\n/],
  ['10.0.0.7', /connect to +10\.0\.0\.7:2181\n/, /-server 10\.0\.0\.7:2181 ls \/\n/],
]

for (const [host, connect, attempt] of CASES) {
  test(`the banner tells how to reach a server that listens on ${host}`, () => {
    const text = banner(config, { address: { host, port: 2181 } }, '1.2.3', 12.6)
    assert.match(text, connect)
    assert.match(text, attempt)
    assert.match(text, /^Vivarium 1\.2\.3 .* 13 ms\./)
  })
}

test('the banner tells where the data is, and what the server was told', () => {
  const listening = { address: { host: '127.0.0.1', port: 1 } }
  const text = banner({ ...config, dataLogDir: '/logs', configFile: '/etc/zoo.cfg' }, listening, '1', 1)
  assert.match(text, /data in +\/data\n +logs in +\/logs\n +told by +\/etc\/zoo\.cfg\n/)
  assert.match(banner(config, listening, '1', 1), /data in +\/data\n +told by +no configuration file/)
})

test('the banner tells where to look with a browser, if there is something to see', () => {
  const listening = { address: { host: '127.0.0.1', port: 1 } }
  const web = { what: 'console', url: 'http://127.0.0.1:8080/console/' } as const
  assert.match(banner(config, listening, '1', 1, web), /\n {2}console +http:\/\/127\.0\.0\.1:8080\/console\/\n/)
  assert.doesNotMatch(banner(config, listening, '1', 1), /http/)
})

test('the banner tells where clients connect over TLS', () => {
  const listening = { address: null, secureAddress: { host: '10.0.0.7', port: 2281 } }
  assert.match(banner(config, listening, '1', 1), /\n\n {2}over TLS +10\.0\.0\.7:2281\n {2}data in/)
})

test('the banner of a member promises no more than there is', () => {
  const lines = ['dataDir=/data', 'clientPort=1', 'initLimit=5', 'syncLimit=2']
  for (const sid of [1, 2, 3]) lines.push(`server.${sid}=zk${sid}:2888:3888`)
  const member = loadConfig({ path: 'zoo.cfg', text: lines.join('\n') }).config
  assert.ok(member)
  const text = banner(member, { address: { host: '::', port: 2181 } }, '1', 5)
  assert.match(text, /^Vivarium 1 is up, and serves as soon as a majority of 3 servers is, after 5 ms\./)
})
