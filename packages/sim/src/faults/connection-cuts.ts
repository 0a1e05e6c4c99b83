import type { Fault } from './fault.ts'

/** Connections are cut, for both ends or for one, which then is half open. */
export const connectionCuts: Fault = {
  name: 'connection cuts',
  plan(simulation) {
    const { random, world, network } = simulation
    // Between the members of an ensemble, too.
    const peers = simulation.isEnsemble ? simulation.hosts.map((host) => host.address) : []
    for (let times = random.int(3, 20); times > 0; times--) {
      const address = random.pick([...simulation.addresses, ...peers])
      world.queue.at(simulation.someMs(), () => {
        if (network.cutOne(address)) world.trace.add('fault', `a connection of ${address} is cut`)
      })
    }
  },
}
