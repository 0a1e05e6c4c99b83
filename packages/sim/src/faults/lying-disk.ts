import type { Fault } from './fault.ts'
import { mayLose, mendByCopying, onceSpare } from './spare.ts'

/**
 * The disk of a member says of what is in its cache that it is durable, until the power fails: then much of that is gone, file
 * names too. So it comes back with less than it has acknowledged, or with what it cannot start from.
 */
export const lyingDisk: Fault = {
  name: 'lying disk',
  plan(simulation) {
    const { random, world } = simulation
    if (!mayLose(simulation)) return
    const cut = random.pick(['lost', 'prefix', 'scattered'] as const)
    const afterMs = random.between(100, 3000)
    world.queue.at(simulation.someMs(), () => {
      const host = simulation.someHost()
      let lying = true
      simulation.lasting(`the disk of ${host.name} does not sync what it says it has`, 8000, () => {
        host.disk.startLying()
        return () => {
          if (lying) host.disk.stopLying(true)
          lying = false
        }
      })
      world.queue.after(afterMs, () => {
        onceSpare(
          simulation,
          host,
          () => lying,
          () => {
            lying = false
            if (host.process === null) return host.disk.stopLying(true)
            host.disk.stopLying(false)
            mendByCopying(simulation, host)
            simulation.crash(host, cut)
          },
        )
      })
    })
  },
}
