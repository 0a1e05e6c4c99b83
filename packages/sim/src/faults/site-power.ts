import { CRASH_KINDS } from '../world/server-host.ts'
import type { Fault } from './fault.ts'

/** All servers, or most of them, end within moments of each other, and come back one by one. */
export const sitePower: Fault = {
  name: 'site power',
  plan(simulation) {
    const { random, world, hosts } = simulation
    for (let times = random.int(1, 2); times > 0; times--) {
      const kind = random.pick(CRASH_KINDS)
      const spreadMs = random.pick([0, 5, 500])
      world.queue.at(simulation.someMs(), () => {
        for (const host of hosts) {
          if (random.chance(0.15)) continue
          world.queue.after(random.between(0, spreadMs), () => simulation.crash(host, kind))
        }
      })
    }
  },
}
