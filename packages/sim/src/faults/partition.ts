import { SERVER_ADDRESS } from '../world/server-host.ts'
import type { Fault } from './fault.ts'

/** Nothing gets through between some clients and the server for a while, one way or both. */
export const partition: Fault = {
  name: 'partition',
  plan(simulation) {
    const { random, world, network } = simulation
    for (let times = random.int(1, 3); times > 0; times--) {
      const cut = simulation.addresses.filter(() => random.chance(0.5))
      const way = random.pick(['to', 'from', 'to and from'] as const)
      world.queue.at(simulation.someMs(), () => {
        simulation.lasting(
          `no way ${way} the server for ${cut.join(', ') || 'nobody'}`,
          random.between(200, 8000),
          () => {
            const links = cut.flatMap((address) => [
              ...(way === 'from' ? [] : [network.link(address, SERVER_ADDRESS)]),
              ...(way === 'to' ? [] : [network.link(SERVER_ADDRESS, address)]),
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
