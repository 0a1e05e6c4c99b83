import { nodeDisk } from '@vivarium/env/node'
import type { ServerConfig } from '../config/server-config.ts'
import { readStores } from './tls-identity.ts'
import { tlsSettings } from './tls-settings.ts'

/**
 * What a server shows to its clients, and whom it believes, as one of them needs it who is the same machine's: PEM.
 *
 * @throws {KeyStoreError}
 */
export async function ownCertificates(config: ServerConfig): Promise<{ cert: string; key: string; ca: string }> {
  const { pair, trust } = await readStores(tlsSettings(config, 'clientTls'), nodeDisk)
  return { cert: pair.certificates, key: pair.key, ca: [...(trust?.trusted ?? []), pair.certificates].join('') }
}
