import type { Fault } from './fault.ts'

/**
 * Who leads stands still until the others have elected another leader. Then it goes on, and knows nothing of that yet, when
 * clients come to it that have seen what it has not.
 */
export const deposedLeader: Fault = {
  name: 'deposed leader',
  plan(simulation) {
    const { random, world, hosts, actors, tickMs } = simulation
    for (let times = random.int(1, 2); times > 0; times--) {
      const longerMs = random.between(300, 3000)
      const earlierMs = random.between(1, 100)
      world.queue.at(simulation.someMs(), () => {
        const leader = hosts.find(({ leads }) => leads)
        if (leader === undefined) return
        const ms = tickMs * leader.config.syncLimit + longerMs
        if (world.nowMs + ms > simulation.activeMs) return
        simulation.disturbing(`${leader.name}, which leads, stands still for ${Math.round(ms)} ms`, ms, () => {
          leader.process?.pause(ms)
          return () => {}
        })
        world.queue.after(ms - earlierMs, () => {
          for (const { client } of actors) if (random.chance(0.6)) client.moveTo(leader.address)
        })
      })
    }
  },
}
