import { getCiphers } from 'node:tls'

/** What Apache offers unless told otherwise, best first, by the names that the RFCs have (X509Util.getDefaultCipherSuites). */
const DEFAULT = [
  ...['ECDSA_WITH_AES_128_GCM_SHA256', 'RSA_WITH_AES_128_GCM_SHA256', 'ECDSA_WITH_AES_256_GCM_SHA384'],
  ...['RSA_WITH_AES_256_GCM_SHA384', 'ECDSA_WITH_AES_128_CBC_SHA256', 'RSA_WITH_AES_128_CBC_SHA256'],
  ...['ECDSA_WITH_AES_128_CBC_SHA', 'RSA_WITH_AES_128_CBC_SHA', 'ECDSA_WITH_AES_256_CBC_SHA384'],
  ...['RSA_WITH_AES_256_CBC_SHA384', 'ECDSA_WITH_AES_256_CBC_SHA', 'RSA_WITH_AES_256_CBC_SHA'],
].map((suite) => `TLS_ECDHE_${suite}`)

/** Those of TLS 1.3, whose order is OpenSSL's. */
const DEFAULT_1_3 = ['TLS_AES_256_GCM_SHA384', 'TLS_AES_128_GCM_SHA256', 'TLS_CHACHA20_POLY1305_SHA256']

/** @example openSslCipher('TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256') // 'ECDHE-RSA-AES128-GCM-SHA256' */
export function openSslCipher(suite: string): string {
  if (!suite.includes('_WITH_')) return suite
  return suite
    .replace(/^(?:TLS|SSL)_/, '')
    .replace(/^RSA_WITH_/, '')
    .replace('_WITH_', '_')
    .replace(/AES_(128|256)/, 'AES$1')
    .replace('_CBC', '')
    .replace(/(CHACHA20_POLY1305)_SHA256$/, '$1')
    .replaceAll('_', '-')
}

/**
 * OpenSSL's names of cipher suites that have the RFCs' ones, as Java does.
 *
 * @param suites empty: Apache's defaults
 * @returns also those that are not to be had here
 */
export function openSslCiphers(suites: readonly string[]): { ciphers: string[]; unknown: string[] } {
  const known = new Set(getCiphers())
  const ciphers: string[] = []
  const unknown: string[] = []
  for (const suite of suites.length > 0 ? suites : [...DEFAULT_1_3, ...DEFAULT]) {
    const cipher = openSslCipher(suite)
    if (known.has(cipher.toLowerCase())) ciphers.push(cipher)
    else unknown.push(suite)
  }
  return { ciphers, unknown }
}
