import type { Fault } from './fault.ts'

/**
 * A client closes its session at a follower that the leader hears late, goes to another server, and closes it there: what it
 * asked for first comes when all is over.
 */
export const lateFarewell: Fault = {
  name: 'late farewell',
  plan(simulation) {
    const { random, world, network, hosts, actors } = simulation
    for (let times = random.int(1, 4); times > 0; times--) {
      const lateMs = random.between(200, 2000)
      world.queue.at(simulation.someMs(), () => {
        const leader = hosts.find(({ leads }) => leads)
        const guests = actors.filter(({ client }) => {
          return client.connected && client.session?.closedMs === null && client.server !== leader?.address
        })
        if (leader === undefined || guests.length === 0) return
        const { client } = random.pick(guests)
        const link = network.link(client.server, leader.address)
        simulation.disturbing(`${leader.name} hears ${client.server} ${Math.round(lateMs)} ms late`, lateMs, () => {
          link.latencyMs += lateMs
          return () => {
            link.latencyMs -= lateMs
          }
        })
        client.options.process.run(() => {
          // It may have stood still, and found its connection gone.
          if (!client.connected || client.session?.closedMs !== null) return
          client.send({ kind: 'closeSession' })
          client.options.process.after(random.between(5, 50), () => client.disconnect())
        })
      })
    }
  },
}
