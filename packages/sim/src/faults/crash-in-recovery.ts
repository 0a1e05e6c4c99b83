import type { DiskOperation } from '@vivarium/env/memory'
import { CRASH_KINDS } from '../world/server-host.ts'
import type { Fault } from './fault.ts'

/** The server ends, and ends again while it starts: in the middle of recovery, over and over. */
export const crashInRecovery: Fault = {
  name: 'crash in recovery',
  plan(simulation) {
    const { random, world } = simulation
    world.queue.at(simulation.someMs(), () => {
      const host = simulation.someHost()
      simulation.crash(host, random.pick(CRASH_KINDS))
      let left = random.int(1, 4)
      let after = random.int(1, 40)
      const watch = (_operation: DiskOperation): void => {
        if (host.process === null || host.serving || --after > 0) return
        after = random.int(1, 40)
        if (--left === 0) host.disk.watchers.delete(watch)
        const kind = random.pick(CRASH_KINDS)
        world.queue.after(0, () => {
          if (!host.serving) simulation.crash(host, kind, random.between(5, 500))
        })
      }
      host.disk.watchers.add(watch)
    })
  },
}
