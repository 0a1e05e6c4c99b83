import { readFileSync } from 'node:fs'
import type { TestContext } from 'node:test'
import tls from 'node:tls'
import { nodeClock, type TlsConnectOptions, TlsConnector } from '@vivarium/env/node'
import type { StartOptions } from '../../dist/index.js'
import { TestClient } from '../protocol/test-client.ts'
import { type Standalone, startStandalone } from '../standalone/standalone.ts'
import { fixture, fixtureBytes } from './fixtures.ts'

/** Settings of a server that encrypts; with more, or others. */
export const TLS = {
  secureClientPort: 0,
  secureClientPortAddress: '127.0.0.1',
  'ssl.keyStore.location': fixture('server.pem'),
  'ssl.trustStore.location': fixture('ca.pem'),
}

/** What waits for seconds waits for a moment by it. */
export const hasty = { ...nodeClock, after: (ms: number, fire: () => void) => nodeClock.after(ms / 100, fire) }

/** A client that believes the authority of the fixtures, and shows this certificate. */
export function connector(certificate: string | null, more: Partial<TlsConnectOptions> = {}): TlsConnector {
  const pem = certificate === null ? undefined : readFileSync(fixture(certificate))
  return new TlsConnector({ caFile: fixture('ca.pem'), cert: pem, key: pem, ...more })
}

/** A server with a port for encrypted connections. */
export class SecureServer {
  readonly standalone: Standalone

  private constructor(standalone: Standalone) {
    this.standalone = standalone
  }

  static async start(
    t: TestContext,
    settings: Readonly<Record<string, string | number>> = {},
    env: StartOptions['env'] = {},
  ): Promise<SecureServer> {
    return new SecureServer(await startStandalone(t, { ...TLS, ...settings }, env))
  }

  get log(): Standalone['log'] {
    return this.standalone.log
  }

  get port(): number {
    return this.standalone.server.secureAddress?.port ?? 0
  }

  /** A session over TLS, of who has this certificate. */
  client(certificate: string | null, more: Partial<TlsConnectOptions> = {}, port = this.port): Promise<TestClient> {
    return TestClient.over(connector(certificate, more), { host: '127.0.0.1', port })
  }

  /** The name in the certificate that a new connection sees. */
  nameShown(): Promise<string> {
    return new Promise((resolve, reject) => {
      const pem = fixtureBytes('alice.pem')
      const options = { host: '127.0.0.1', port: this.port, ca: fixtureBytes('ca.pem'), cert: pem, key: pem }
      const socket = tls.connect(options, () => {
        resolve(String(socket.getPeerCertificate().subject.CN))
        socket.destroy()
      })
      socket.on('error', reject)
    })
  }
}
