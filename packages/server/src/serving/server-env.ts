import type { Clock, Disk, Log, Network, Random } from '@vivarium/env'
import type { SnapshotRunner } from '../storage/index.ts'
import type { Networks } from '../tls/open-networks.ts'

/** Everything that a server takes from the world. */
export interface ServerEnv {
  readonly clock: Clock
  /** Between servers; for clients, too, unless there is a network for them. */
  readonly network: Network
  readonly clientNetworks?: Pick<Networks, 'clients' | 'secureClients' | 'counts'>
  readonly disk: Disk
  readonly random: Random
  readonly log: Log
  readonly snapshots: SnapshotRunner
}
