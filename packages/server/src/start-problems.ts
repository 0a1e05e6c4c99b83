import { silentLog } from '@vivarium/env'
import { NodeNetwork, nodeClock, nodeDisk } from '@vivarium/env/node'
import { loadAuthProviders } from './auth/load-auth-providers.ts'
import type { ServerConfig } from './config/server-config.ts'
import { loadSasl } from './sasl/load-sasl.ts'
import { createAccess } from './serving/access.ts'
import { StartError } from './start-error.ts'
import { KeyStoreError } from './tls/key-store-error.ts'
import { openNetworks } from './tls/open-networks.ts'
import { TlsIdentity } from './tls/tls-identity.ts'
import { adminTlsSettings } from './tls/tls-settings.ts'

const NO_COUNTS = { skipped: 0, succeeded: 0, failed: 0 } as const

/**
 * What would keep a server from starting, of what it reads before it listens: key stores, JAAS files, hashes, modules
 * with providers, which are run for that. Nothing is written, and nobody is listened to.
 */
export async function startProblems(config: ServerConfig): Promise<string[]> {
  const env = { clock: nodeClock, disk: nodeDisk, log: silentLog, network: new NodeNetwork() }
  const nobody = (): string[] => []
  const steps = [
    () => loadSasl(config, env.disk, nobody),
    async () => createAccess(config, { ...NO_COUNTS }, await loadAuthProviders(config.authModules, env.log)),
    async () => (await openNetworks(config, env, nobody)).close(),
    async () => {
      if (!config.adminServerEnabled || !(config.adminForceHttps || config.adminPortUnification)) return
      await TlsIdentity.load({ settings: adminTlsSettings(config), ...env, reload: false })
    },
  ]
  const problems = new Set<string>()
  for (const step of steps) {
    try {
      await step()
    } catch (error) {
      if (!(error instanceof StartError || error instanceof KeyStoreError)) throw error
      problems.add(error.message)
    }
  }
  return [...problems]
}
