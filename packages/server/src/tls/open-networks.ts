import type { Network } from '@vivarium/env'
import { certifies, TlsNetwork, type TlsNetworkOptions } from '@vivarium/env/node'
import type { ServerConfig } from '../config/server-config.ts'
import type { ServerEnv } from '../serving/server-env.ts'
import { StartError } from '../start-error.ts'
import { KeyStoreError } from './key-store-error.ts'
import { refusalLog } from './refusal-log.ts'
import { TlsIdentity } from './tls-identity.ts'
import { type TlsSettings, tlsSettings } from './tls-settings.ts'

/** How the server's connections are carried. */
export interface Networks {
  /** For clientPort. */
  readonly clients: Network
  /** For secureClientPort; null without one. */
  readonly secureClients: Network | null
  /** Between the members of an ensemble. */
  readonly members: Network
  readonly counts: TlsCounts
  /** Stops to look for new certificates. */
  close(): void
}

/** What the metrics say of handshakes. */
export interface TlsCounts {
  /** How many are under way. */
  underWay(): number
  /** One was too many. */
  exceeded: () => void
}

/**
 * Reads the certificates that the configuration names, and makes networks of them.
 *
 * @param memberHosts the names and addresses of the members at present, as they are configured
 * @throws {StartError}
 */
export async function openNetworks(
  config: ServerConfig,
  env: Pick<ServerEnv, 'clock' | 'disk' | 'log' | 'network'>,
  memberHosts: () => Iterable<string>,
): Promise<Networks> {
  const identities: TlsIdentity[] = []
  const load = async (settings: TlsSettings, reload: boolean): Promise<TlsIdentity> => {
    const { disk, clock, log } = env
    const identity = await TlsIdentity.load({ settings, disk, clock, log, reload })
    identities.push(identity)
    return identity
  }
  const counts = { exceeded: () => {}, underWay: () => (secure?.handshakes ?? 0) + (unified?.handshakes ?? 0) }
  let secure: TlsNetwork | null = null
  let unified: TlsNetwork | null = null
  let members = env.network
  try {
    if (config.secureClientPort !== null || config.clientPortUnification) {
      const settings = tlsSettings(config, 'clientTls')
      const limit = config.outstandingHandshakeLimit
      const sayRefused = refusalLog('client', env.log, env.clock.monotonicMs)
      const options = {
        ...commonOptions(settings, await load(settings, config.clientCertReload)),
        dials: 'plaintext',
        handshakeLimit: limit < 0 ? null : limit,
        refuseClient: (certificate: Uint8Array | null, address: string) =>
          certificate !== null && settings.verifyClients && !certifies(certificate, address)
            ? `its certificate is not for ${address}`
            : null,
        refuseServer: () => null,
        refused: (reason: string, address: string, tooMany: boolean) => {
          if (tooMany) counts.exceeded()
          sayRefused(reason, address)
        },
      } as const
      secure = new TlsNetwork({ ...options, plaintext: 'refused' })
      if (config.clientPortUnification) unified = new TlsNetwork({ ...options, plaintext: 'accepted' })
    }
    if (config.ensemble !== null && (config.sslQuorum || config.portUnification)) {
      const settings = tlsSettings(config, 'quorumTls')
      members = new TlsNetwork({
        ...commonOptions(settings, await load(settings, config.quorumCertReload)),
        dials: config.sslQuorum ? 'encrypted' : 'plaintext',
        plaintext: config.portUnification ? 'accepted' : 'refused',
        handshakeLimit: null,
        refuseClient: (certificate, address) => {
          if (certificate === null || !settings.verifyClients || certifies(certificate, address)) return null
          // Its address is only one of the ways to know a member; the name that it is configured by is as good.
          for (const host of memberHosts()) if (certifies(certificate, host)) return null
          return `its certificate is neither for ${address} nor for a member of the ensemble`
        },
        refuseServer: (certificate, host) =>
          settings.verifyServers && !certifies(certificate, host) ? `the certificate is not for ${host}` : null,
        refused: refusalLog('server', env.log, env.clock.monotonicMs),
      })
    }
  } catch (error) {
    for (const identity of identities) identity.close()
    if (error instanceof KeyStoreError) throw new StartError('CONFIG', error.message, { cause: error })
    throw error
  }
  return {
    clients: unified ?? env.network,
    secureClients: config.secureClientPort === null ? null : secure,
    members,
    counts,
    close() {
      for (const identity of identities) identity.close()
    },
  }
}

function commonOptions(
  { clientAuth, handshakeMs }: TlsSettings,
  { context, revocation }: TlsIdentity,
): Pick<TlsNetworkOptions, 'context' | 'revocation' | 'clientAuth' | 'handshakeMs'> {
  return { context, revocation, clientAuth, handshakeMs }
}
