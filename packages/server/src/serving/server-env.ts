import type { AuthProvider } from '@vivarium/core'
import type { Clock, Disk, Log, Network, Random } from '@vivarium/env'
import type { AuditLog } from '../audit/audit-log.ts'
import type { SaslSections } from '../sasl/load-sasl.ts'
import type { SnapshotRunner } from '../storage/index.ts'
import type { Networks } from '../tls/open-networks.ts'

/** Everything that a server takes from the world. */
export interface ServerEnv {
  readonly clock: Clock
  /** Between servers; for clients, too, unless there is a network for them. */
  readonly network: Network
  readonly clientNetworks?: Omit<Networks, 'members'>
  /** Connections for the election, where they differ from the others between servers. */
  readonly electionNetwork?: Network
  /** Who may come by SASL. */
  readonly sasl?: SaslSections
  /** Schemes of authentication beside the server's own. */
  readonly authProviders?: readonly AuthProvider[]
  /** Takes who changes what; left out: nobody asks. */
  readonly audit?: AuditLog
  readonly disk: Disk
  readonly random: Random
  readonly log: Log
  readonly snapshots: SnapshotRunner
}
