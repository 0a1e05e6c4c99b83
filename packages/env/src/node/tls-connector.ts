import { readFileSync } from 'node:fs'
import tls from 'node:tls'
import type { ConnectOptions, Network, Socket, SocketHandler } from '../network.ts'
import { connected, emitting } from './network.ts'
import { isAddress } from './tls-context.ts'

/**
 * What encrypts a connection. Files are read for each connection anew, so that certificates can be replaced while the
 * program runs. PEM, or PKCS#12 for the own certificate with its key.
 */
export interface TlsConnectOptions {
  /** Certificates of those who vouch for the servers. Default: the ones that Node.js trusts. */
  readonly caFile?: string | undefined
  readonly ca?: string | Uint8Array | undefined
  /** The own certificate and key, where the servers ask for one: PEM. */
  readonly certFile?: string | undefined
  readonly cert?: string | Uint8Array | undefined
  readonly keyFile?: string | undefined
  readonly key?: string | Uint8Array | undefined
  /** The own certificate and key in one: PKCS#12 (`.p12`, `.pfx`). */
  readonly pfxFile?: string | undefined
  readonly pfx?: Uint8Array | undefined
  /** Opens the key, or the PKCS#12 file. */
  readonly passphrase?: string | undefined
  /** The name that certificates must have, if it is not the one that is connected to. */
  readonly serverName?: string | undefined
  /** Whether the name is compared. Default true. The certificate itself is always verified. */
  readonly verifyHostname?: boolean | undefined
  /** Default TLSv1.2. */
  readonly minVersion?: tls.SecureVersion | undefined
  readonly ciphers?: string | undefined
}

/** Encrypted connections, by Node's `tls`. */
export class TlsConnector implements Pick<Network, 'connect'> {
  readonly #options: TlsConnectOptions

  constructor(options: TlsConnectOptions) {
    this.#options = options
  }

  /** Rejects with the system's error, that of a file that cannot be read, or that of the certificate. */
  async connect(options: ConnectOptions, handler: SocketHandler): Promise<Socket> {
    const { serverName = options.serverName ?? options.host, verifyHostname = true } = this.#options
    const raw = tls.connect({
      host: options.host,
      port: options.port,
      minVersion: 'TLSv1.2',
      ...secrets(this.#options),
      // An address is no name for the extension that tells the server which name is meant (RFC 6066).
      ...(isAddress(serverName) ? {} : { servername: serverName }),
      checkServerIdentity: (_host, certificate) =>
        verifyHostname ? tls.checkServerIdentity(serverName, certificate) : undefined,
    })
    raw.setNoDelay(true)
    return connected(raw, 'secureConnect', options.timeoutMs, (received) => emitting(raw, received), handler)
  }
}

function secrets(options: TlsConnectOptions): tls.SecureContextOptions {
  const { ca, caFile, cert, certFile, key, keyFile, pfx, pfxFile, passphrase, minVersion, ciphers } = options
  const of = (given: string | Uint8Array | undefined, file: string | undefined): string | Buffer | undefined => {
    if (given !== undefined) return typeof given === 'string' ? given : Buffer.from(given)
    return file === undefined ? undefined : readFileSync(file)
  }
  const context = {
    ca: of(ca, caFile),
    cert: of(cert, certFile),
    key: of(key, keyFile),
    pfx: of(pfx, pfxFile),
    passphrase,
    minVersion,
    ciphers,
  }
  return Object.fromEntries(Object.entries(context).filter(([, value]) => value !== undefined))
}
