import { CRASH_KINDS } from '../world/server-host.ts'
import type { Fault } from './fault.ts'

/** A server ends at any moment: its process is killed, or its machine loses power. */
export const crash: Fault = {
  name: 'crash',
  plan(simulation) {
    const { random, world } = simulation
    for (let times = random.int(1, 4); times > 0; times--) {
      const kind = random.pick(CRASH_KINDS)
      world.queue.at(simulation.someMs(), () => simulation.crash(simulation.someHost(), kind))
    }
  },
}
