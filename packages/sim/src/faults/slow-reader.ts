import type { Fault } from './fault.ts'

/** A client takes nothing from its connection for a while, so that the server's buffers fill. */
export const slowReader: Fault = {
  name: 'slow reader',
  plan(simulation) {
    const { random, world } = simulation
    for (let times = random.int(1, 4); times > 0; times--) {
      const { client } = random.pick(simulation.actors)
      world.queue.at(simulation.someMs(), () => {
        simulation.lasting(`${client.name} stops reading`, random.between(50, 3000), () => {
          client.stopReading()
          return () => client.readAgain()
        })
      })
    }
  },
}
