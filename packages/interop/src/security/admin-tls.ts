import { readFileSync } from 'node:fs'
import { request as plainRequest, type RequestOptions } from 'node:http'
import { request } from 'node:https'
import type { SecureVersion, TLSSocket } from 'node:tls'
import { freePort, type ServerKind, ServerProcess } from '../server-process.ts'
import { fixture } from './fixtures.ts'

/** How the admin server may be encrypted, by name. */
const CONFIGURATIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'in the clear': {},
  'both ways': { 'admin.portUnification': 'true' },
  'both ways, with certificates': { 'admin.portUnification': 'true', 'admin.needClientAuth': 'true' },
  'TLS only': { 'admin.forceHttps': 'true' },
  'TLS only, with certificates': { 'admin.forceHttps': 'true', 'admin.needClientAuth': 'true' },
}

interface Asking {
  readonly plain?: boolean
  readonly version?: SecureVersion
  readonly certificate?: string
  readonly authorization?: string
}

const ASKINGS: readonly Asking[] = [
  { plain: true },
  { version: 'TLSv1.1' },
  { version: 'TLSv1.2' },
  { version: 'TLSv1.3' },
  { version: 'TLSv1.2', certificate: 'alice.pem' },
  { version: 'TLSv1.3', certificate: 'alice.pem' },
  { version: 'TLSv1.2', certificate: 'stranger.pem' },
  { version: 'TLSv1.3', certificate: 'stranger.pem' },
  { version: 'TLSv1.3', certificate: 'alice.pem', authorization: 'x509' },
  { version: 'TLSv1.3', authorization: 'x509' },
]

/** What the admin server answers over connections of all kinds, a line for each. */
export async function adminTlsAnswers(kind: ServerKind): Promise<string[]> {
  const lines: string[] = []
  for (const [name, settings] of Object.entries(CONFIGURATIONS)) {
    const port = await freePort()
    const stores = {
      'ssl.quorum.keyStore.location': fixture('server.pem'),
      'ssl.quorum.trustStore.location': fixture('ca.pem'),
      // Those whom Apache compares a certificate with once more that is to be an identity.
      'ssl.keyStore.location': fixture('server.pem'),
      'ssl.trustStore.location': fixture('ca.pem'),
      'authProvider.1': 'org.apache.zookeeper.server.auth.X509AuthenticationProvider',
    }
    const admin = { 'admin.enableServer': 'true', 'admin.serverPort': String(port), 'admin.serverAddress': '127.0.0.1' }
    const server = await ServerProcess.start(kind, { config: { ...admin, ...stores, ...settings } })
    try {
      for (const asking of ASKINGS) lines.push(`${name}, ${JSON.stringify(asking)}: ${await answer(port, asking)}`)
      const counted = /^zk_insecure_admin_count\t.*$/m.exec(await server.word('mntr'))
      lines.push(`${name}: ${counted?.[0]}`)
    } finally {
      await server.dispose()
    }
  }
  return lines
}

function answer(port: number, { plain = false, version, certificate, authorization }: Asking): Promise<string> {
  const shown = certificate === undefined ? {} : { cert: pem(certificate), key: pem(certificate) }
  const headers = authorization === undefined ? {} : { authorization }
  const path = `/commands/${authorization === undefined ? 'ruok' : 'snapshot?streaming=false'}`
  const common: RequestOptions = { host: '127.0.0.1', port, path, headers, agent: false }
  // Old versions are refused by this end, too, unless it is told not to.
  const versions = { minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' }
  return new Promise((resolve) => {
    const asked = plain ? plainRequest(common) : request({ ...common, ...shown, ...versions, ca: pem('ca.pem') })
    asked.on('response', (response) => {
      const spoken = plain ? 'HTTP' : (response.socket as TLSSocket).getProtocol()
      resolve(`${response.statusCode} over ${spoken}, ${response.headers['strict-transport-security']}`)
      response.destroy()
    })
    // Each has words of its own for it.
    asked.on('error', () => resolve('refused')).end()
  })
}

const pem = (name: string): Buffer => readFileSync(fixture(name))
