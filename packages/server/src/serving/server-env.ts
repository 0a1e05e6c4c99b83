import type { Clock, Disk, Log, Network, Random } from '@vivarium/env'
import type { SnapshotRunner } from '../storage/index.ts'

/** Everything that a server takes from the world. */
export interface ServerEnv {
  readonly clock: Clock
  readonly network: Network
  readonly disk: Disk
  readonly random: Random
  readonly log: Log
  readonly snapshots: SnapshotRunner
}
