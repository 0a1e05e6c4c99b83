import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crossSiteReason } from '../../dist/http/cross-site.js'

const host = 'localhost:8090'

test('programs, and pages of the gateway itself, are let through', () => {
  const own = [
    { host },
    { host, origin: 'http://localhost:8090', 'sec-fetch-site': 'same-origin' },
    { host, origin: 'https://localhost:8090' },
    { host: 'zk.example.com', origin: 'https://zk.example.com' },
    { host, 'sec-fetch-site': 'none' },
  ]
  for (const headers of own) assert.equal(crossSiteReason({ method: 'PUT', headers }), null)
})

test('what another site has a browser do is told apart', () => {
  const foreign = [
    { host, origin: 'http://evil.example' },
    { host, origin: 'http://localhost:8091' },
    { host, origin: 'null' },
    { host, origin: 'file://' },
    { host, 'sec-fetch-site': 'cross-site' },
    { host, 'sec-fetch-site': 'same-site' },
    { host, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
  ]
  for (const headers of foreign) {
    for (const method of ['GET', 'PUT']) assert.notEqual(crossSiteReason({ method, headers }), null)
  }
})

test('a link from elsewhere may be followed, and a form may not be sent', () => {
  const headers = { host, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
  assert.equal(crossSiteReason({ method: 'GET', headers }), null)
  assert.notEqual(crossSiteReason({ method: 'POST', headers }), null)
})
