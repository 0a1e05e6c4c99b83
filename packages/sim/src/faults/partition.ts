import type { Fault } from './fault.ts'

/** Nothing gets through between some clients and the server for a while, one way or both. */
export const partition: Fault = {
  name: 'partition',
  plan(simulation) {
    const { random, world, network } = simulation
    for (let times = random.int(1, 3); times > 0; times--) {
      const host = random.pick(simulation.hosts)
      const cut = simulation.addresses.filter(() => random.chance(0.5))
      const way = random.pick(['to', 'from', 'to and from'] as const)
      world.queue.at(simulation.someMs(), () => {
        simulation.lasting(
          `no way ${way} ${host.name} for ${cut.join(', ') || 'nobody'}`,
          random.between(200, 8000),
          () => {
            const links = cut.flatMap((address) => [
              ...(way === 'from' ? [] : [network.link(address, host.address)]),
              ...(way === 'to' ? [] : [network.link(host.address, address)]),
            ])
            for (const link of links) link.block()
            return () => {
              for (const link of links) link.unblock()
            }
          },
        )
      })
    }
  },
}
