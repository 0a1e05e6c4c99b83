import type { Fault } from './fault.ts'

/** An administrator stops the server properly and starts it again. */
export const cleanStop: Fault = {
  name: 'clean stop',
  plan(simulation) {
    const { random, world, host } = simulation
    for (let times = random.int(1, 2); times > 0; times--) {
      world.queue.at(simulation.someMs(), () => {
        world.trace.add('fault', 'an administrator stops the server')
        host.stop()
      })
    }
  },
}
