import { otherConfig } from '../world/random-config.ts'
import type { Fault } from './fault.ts'

/** A server comes back with another configuration: all that the others need not have like it. */
export const restartWithOtherConfig: Fault = {
  name: 'other configuration',
  plan(simulation) {
    const { random, world } = simulation
    for (let times = random.int(1, 3); times > 0; times--) {
      const properly = random.chance(0.5)
      world.queue.at(simulation.someMs(), () => {
        const host = simulation.someHost()
        if (host.process === null) return
        host.config = otherConfig(host.config, random)
        world.trace.add('fault', `${host.name} is told something else`)
        if (properly) host.stop()
        else simulation.crash(host, 'kill')
      })
    }
  },
}
