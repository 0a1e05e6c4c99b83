import type { Fault } from './fault.ts'

/** An administrator stops the server properly and starts it again. */
export const cleanStop: Fault = {
  name: 'clean stop',
  plan(simulation) {
    const { random, world } = simulation
    for (let times = random.int(1, 2); times > 0; times--) {
      world.queue.at(simulation.someMs(), () => {
        const host = simulation.someHost()
        world.trace.add('fault', `an administrator stops ${host.name}`)
        host.stop()
      })
    }
  },
}
