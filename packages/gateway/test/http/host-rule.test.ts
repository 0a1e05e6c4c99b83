import assert from 'node:assert/strict'
import { hostname } from 'node:os'
import { test } from 'node:test'
import { isAllowedHost } from '../../dist/http/host-rule.js'

const allowed = new Set(['zk.example.com'])

test('addresses, names of this machine and names that were allowed are hosts of the gateway', () => {
  const hosts = ['127.0.0.1:8090', '[::1]:8090', '10.0.0.7', 'localhost:80', 'LOCALHOST', 'app.localhost:1', hostname()]
  for (const host of [...hosts, 'zk.example.com', 'ZK.example.com:8090']) assert.ok(isAllowedHost(host, allowed), host)
})

test('a name that another site may have pointed here is none', () => {
  const hosts = [
    'evil.example',
    'evil.example:8090',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'a.zk.example.com',
  ]
  for (const host of [
    ...hosts,
    '',
    undefined,
    'user@localhost',
    'localhost/',
    '[zk.example.com]',
    '127.0.0.1:x',
    'a b',
  ]) {
    assert.ok(!isAllowedHost(host, allowed), String(host))
  }
})
