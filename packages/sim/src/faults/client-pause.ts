import type { SimProcess } from '../world/process.ts'
import type { Fault } from './fault.ts'

/** A client stands still, often for longer than its session lasts, and goes on as if nothing had happened. */
export const clientPause: Fault = {
  name: 'client pause',
  plan(simulation) {
    const { random, world } = simulation
    for (let times = random.int(1, 3); times > 0; times--) {
      const { client } = random.pick(simulation.actors)
      const ms = random.between(0.3, 2.5) * client.options.timeoutMs
      world.queue.at(simulation.someMs(), () => {
        world.trace.add('fault', `${client.name} stands still for ${Math.round(ms)} ms`)
        const process = client.options.process as SimProcess
        process.pause(ms)
      })
    }
  },
}
