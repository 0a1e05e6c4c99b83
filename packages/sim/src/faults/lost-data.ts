import type { Fault } from './fault.ts'
import { onceSpare } from './spare.ts'

/** A server comes back with an empty data directory, or with a backup, where the others can do without what it had. */
export const lostData: Fault = {
  name: 'lost data',
  plan(simulation) {
    const { random, world } = simulation
    for (let times = random.int(1, 2); times > 0; times--) {
      const wiped = random.chance(0.5)
      const laterMs = random.between(0, 5000)
      world.queue.at(simulation.someMs(), () => {
        const host = simulation.someHost()
        const backup = wiped ? null : host.disk.copy()
        const found = wiped ? 'an empty data directory' : 'an old data directory'
        const wanted = (): boolean => world.nowMs < simulation.activeMs
        world.queue.after(laterMs, () => {
          onceSpare(simulation, host, wanted, () => {
            if (host.process === null) return
            simulation.crash(host, 'kill', random.between(5, 500))
            world.trace.add('fault', `${host.name} finds ${found}`)
            host.disk.replace(backup)
          })
        })
      })
    }
  },
}
