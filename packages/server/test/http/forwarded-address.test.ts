import assert from 'node:assert/strict'
import { test } from 'node:test'
import { forwardedAddress } from '../../dist/http/forwarded-address.js'

for (const [what, header, peer, proxies, address] of [
  ['one proxy', '10.1.2.3', '127.0.0.1', [], '10.1.2.3'],
  ['what a visitor claims', '1.1.1.1, 10.1.2.3', '127.0.0.1', [], '10.1.2.3'],
  ['nothing', '', '127.0.0.1', [], '127.0.0.1'],
  ['only separators', ' , ,', '127.0.0.1', [], '127.0.0.1'],
  ['two proxies', '1.1.1.1, 10.1.2.3, 10.0.0.8', '10.0.0.9', ['10.0.0.8', '10.0.0.9'], '10.1.2.3'],
  ['a proxy that asks by itself', '10.0.0.8', '10.0.0.9', ['10.0.0.8', '10.0.0.9'], '10.0.0.8'],
  ['somebody past the proxies', '10.1.2.3', '10.7.7.7', ['10.0.0.9'], '10.7.7.7'],
  ['addresses in other words', '::1', '::ffff:10.0.0.9', ['10.0.0.9', '0:0:0:0:0:0:0:2'], '0:0:0:0:0:0:0:1'],
] as const) {
  test(`${what}: ${address}`, () => assert.equal(forwardedAddress(header, peer, proxies), address))
}
