import type { DiskOperation } from '@vivarium/env/memory'
import type { Simulation } from '../run/simulation.ts'
import { CRASH_KINDS } from '../world/server-host.ts'
import type { Fault } from './fault.ts'

/** All servers, or most of them, end within moments of each other, often while they write, and come back one by one. */
export const sitePower: Fault = {
  name: 'site power',
  plan(simulation) {
    const { random, world, hosts } = simulation
    for (let times = random.int(1, 3); times > 0; times--) {
      const kind = random.pick(CRASH_KINDS)
      const spreadMs = random.pick([0, 5, 500])
      const strike = (): void => {
        for (const host of hosts) {
          if (random.chance(0.15)) continue
          world.queue.after(random.between(0, spreadMs), () => simulation.crash(host, kind))
        }
      }
      const writing = random.chance(0.7)
      world.queue.at(simulation.someMs(), () => (writing ? whileWriting(simulation, strike) : strike()))
    }
  },
}

/** Some disks take long over their next writes, and then it happens. */
function whileWriting({ random, world, hosts }: Simulation, strike: () => void): void {
  const slow = hosts.filter(() => random.chance(0.6))
  const afterMs = random.between(5, 100)
  let struck = false
  const watches = slow.map((host) => {
    const watch = ({ kind, path }: DiskOperation, moment: 'started' | 'ended'): void => {
      if (kind !== 'write' || moment !== 'started' || !path.includes('/log')) return
      host.disk.holdMs = 200
      if (struck) return
      struck = true
      world.queue.after(afterMs, () => {
        for (const [index, one] of slow.entries()) one.disk.watchers.delete(watches[index] as typeof watch)
        strike()
      })
    }
    host.disk.watchers.add(watch)
    return watch
  })
}
