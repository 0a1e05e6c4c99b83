import { CRASH_KINDS } from '../world/server-host.ts'
import type { Fault } from './fault.ts'

/** Clients close their sessions while a server with a slow disk writes a snapshot, from which it has to start soon after. */
export const farewellsInSnapshot: Fault = {
  name: 'farewells in a snapshot',
  plan(simulation) {
    const { random, world, actors } = simulation
    for (let times = random.int(1, 4); times > 0; times--) {
      const ms = random.between(100, 1500)
      const slowness = random.between(5, 60)
      const kind = random.pick(CRASH_KINDS)
      world.queue.at(simulation.someMs(), () => {
        const host = simulation.someHost()
        if (host.running === null) return
        simulation.disturbing(`the disk of ${host.name} is slow, and a snapshot is asked for`, ms, () => {
          host.disk.slowness = slowness
          void host.running?.server.takeSnapshot()
          return () => {
            host.disk.slowness = 1
          }
        })
        for (const { client } of actors) {
          if (random.chance(0.3)) continue
          client.options.process.after(random.between(0, ms), () => {
            if (client.connected && client.session?.closedMs === null) client.send({ kind: 'closeSession' })
          })
        }
        world.queue.after(ms + random.between(0, 300), () => simulation.crash(host, kind))
      })
    }
  },
}
