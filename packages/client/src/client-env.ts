import type { Clock, Log, Network, Random, Resolver } from '@vivarium/env'

/** What a client takes from the world: time, connections, chance. Give others to run it in a simulation. */
export interface ClientEnv {
  readonly clock: Clock
  readonly network: Pick<Network, 'connect'>
  readonly random: Random
  readonly resolver: Resolver
  /** What the client says of itself. Default: nothing. */
  readonly log: Log
}
