import type { Fault } from './fault.ts'

/** The disk is slow for a while, or does not answer at all for some seconds. */
export const slowDisk: Fault = {
  name: 'slow disk',
  plan(simulation) {
    const { random, world } = simulation
    world.queue.at(simulation.someMs(), () => {
      const host = simulation.someHost()
      const ms = random.between(200, 4000)
      if (random.chance(0.4)) {
        simulation.disturbing(`the disk of ${host.name} does not answer`, ms, () => {
          host.disk.stuckUntilMs = world.nowMs + ms
          return () => {
            host.disk.stuckUntilMs = 0
          }
        })
        return
      }
      const slowness = random.pick([20, 100, 400])
      simulation.disturbing(`the disk of ${host.name} is ${slowness} times slower`, ms, () => {
        host.disk.slowness = slowness
        return () => {
          host.disk.slowness = 1
        }
      })
    })
  },
}
