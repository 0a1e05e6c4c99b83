import { networksOf } from '../world/random-config.ts'
import type { Fault } from './fault.ts'

/**
 * Of two networks that connect the servers, one breaks down, and stays so to the end, whatever else is healed: they are to go on
 * over the other one.
 */
export const networkDown: Fault = {
  name: 'network down',
  plan(simulation) {
    const { random, world, network, hosts, size } = simulation
    if (size.networks < 2) return
    const broken = random.int(0, size.networks - 1)
    world.queue.at(simulation.someMs(), () => {
      world.trace.add(
        'fault',
        `the ${broken === 0 ? 'first' : 'second'} network between the servers breaks down, for good`,
      )
      const addresses = hosts.map(({ sid }) => networksOf(sid)[broken] as string)
      for (const from of addresses) for (const to of addresses) if (from !== to) network.link(from, to).block()
      // Who is connected over it notices in its own time.
      simulation.disturbing('connections over it are given up', 10 * simulation.tickMs, () => () => {})
    })
  },
}
