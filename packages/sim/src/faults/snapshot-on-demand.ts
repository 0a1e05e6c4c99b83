import type { Fault } from './fault.ts'

/** An administrator has a server write a snapshot, whatever it is doing otherwise. */
export const snapshotOnDemand: Fault = {
  name: 'snapshot on demand',
  plan(simulation) {
    const { random, world } = simulation
    for (let times = random.int(1, 8); times > 0; times--) {
      world.queue.at(simulation.someMs(), () => {
        const host = simulation.someHost()
        if (host.running === null) return
        world.trace.add('fault', `${host.name} is told to write a snapshot`)
        void host.running.server.takeSnapshot()
      })
    }
  },
}
