import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openSslCipher, openSslCiphers } from '../../dist/tls/cipher-suites.js'

const NAMES = {
  TLS_AES_128_GCM_SHA256: 'TLS_AES_128_GCM_SHA256',
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: 'ECDHE-RSA-AES128-GCM-SHA256',
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384: 'ECDHE-ECDSA-AES256-SHA384',
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA: 'ECDHE-RSA-AES128-SHA',
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-RSA-CHACHA20-POLY1305',
  TLS_DHE_RSA_WITH_AES_256_GCM_SHA384: 'DHE-RSA-AES256-GCM-SHA384',
  TLS_RSA_WITH_AES_128_CBC_SHA256: 'AES128-SHA256',
}

for (const [suite, cipher] of Object.entries(NAMES)) {
  test(`OpenSSL calls ${suite} ${cipher}, and has it`, () => {
    assert.equal(openSslCipher(suite), cipher)
    assert.deepEqual(openSslCiphers([suite]), { ciphers: [cipher], unknown: [] })
  })
}

test('all that Apache offers is offered', () => {
  const { ciphers, unknown } = openSslCiphers([])
  assert.deepEqual(unknown, [])
  assert.equal(ciphers.length, 15)
})

test('what is not to be had is told', () => {
  assert.deepEqual(openSslCiphers(['TLS_NULL_WITH_NULL_NULL']).unknown, ['TLS_NULL_WITH_NULL_NULL'])
})
