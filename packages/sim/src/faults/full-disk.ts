import type { Fault } from './fault.ts'

/** The disk is full for a while: writes are refused, reads are served, and all goes on when there is room again. */
export const fullDisk: Fault = {
  name: 'full disk',
  plan(simulation) {
    const { random, world } = simulation
    world.queue.at(simulation.someMs(), () => {
      const host = simulation.someHost()
      simulation.disturbing(`the disk of ${host.name} is full`, random.between(100, 6000), () => {
        host.disk.capacityBytes = 0
        return () => {
          host.disk.capacityBytes = Number.POSITIVE_INFINITY
        }
      })
    })
  },
}
