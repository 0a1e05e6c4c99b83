import type { Simulation } from '../run/simulation.ts'
import { networksOf } from '../world/random-config.ts'
import type { ServerHost } from '../world/server-host.ts'
import type { Fault } from './fault.ts'

const AGAIN_MS = 10

/**
 * Who leads is cut off, and logs what nobody else has. While it gives up and takes that into its tree, its slow disk is about to
 * write a snapshot. As soon as the others have a leader they have it forget that; then it is started anew.
 */
export const snapshotOfTail: Fault = {
  name: 'snapshot of a tail',
  plan(simulation) {
    const { random, world, hosts, tickMs } = simulation
    const slowness = random.between(50, 400)
    const laterMs = random.between(50, 1500)
    const share = random.fraction()
    // Early enough for the end of it, and when there has been time for something to be written.
    world.queue.after(1000 + share * simulation.activeMs * 0.4, () => {
      const leader = hosts.find(({ leads }) => leads)
      if (leader === undefined) return
      const patienceMs = leader.config.syncLimit * tickMs
      const mostMs = patienceMs + 4 * tickMs + 2000
      cutOff(simulation, leader, mostMs, () => {
        world.queue.after(laterMs, () => simulation.crash(leader, 'kill', random.between(5, 500)))
      })
      world.queue.after(patienceMs * 0.6, () => {
        simulation.disturbing(`the disk of ${leader.name} is slow`, 3 * tickMs, () => {
          leader.disk.slowness = slowness
          return () => {
            leader.disk.slowness = 1
          }
        })
        writeSnapshots(simulation, leader)
      })
    })
  },
}

/** One snapshot after the other, for as long as it leads. */
function writeSnapshots(simulation: Simulation, host: ServerHost): void {
  if (!host.leads) return
  void host.running?.server.takeSnapshot()
  simulation.world.queue.after(AGAIN_MS, () => writeSnapshots(simulation, host))
}

/** Until another one leads, or for `mostMs`. */
function cutOff(simulation: Simulation, leader: ServerHost, mostMs: number, replaced: () => void): void {
  const { world, network, hosts } = simulation
  simulation.disturbing(`no way between ${leader.name}, which leads, and all others`, mostMs, () => {
    const links = hosts.flatMap(({ sid }) =>
      networksOf(sid).flatMap((there, at) => {
        const here = networksOf(leader.sid)[at] as string
        return here === there ? [] : [network.link(here, there), network.link(there, here)]
      }),
    )
    for (const link of links) link.block()
    let over = false
    const end = (): void => {
      for (const link of over ? [] : links) link.unblock()
      over = true
    }
    const look = (): void => {
      if (over) return
      if (leader.leads || !hosts.some(({ leads }) => leads)) return void world.queue.after(AGAIN_MS, look)
      end()
      replaced()
    }
    look()
    return end
  })
}
