import type { DiskOperation } from '@vivarium/env/memory'
import { CRASH_KINDS } from '../world/server-host.ts'
import type { Fault } from './fault.ts'

const CHANGES = new Set(['write', 'sync', 'create', 'rename', 'truncate', 'remove', 'syncDirectory'])

/** The server ends in the middle of something it does to its disk, most often a write to the log. */
export const tornWrite: Fault = {
  name: 'torn write',
  plan(simulation) {
    const { random, world } = simulation
    for (let times = random.int(1, 3); times > 0; times--) {
      const kind = random.pick(CRASH_KINDS)
      const log = random.chance(0.7)
      const moment = random.pick(['started', 'ended'] as const)
      let after = random.int(1, 10)
      world.queue.at(simulation.someMs(), () => {
        const host = simulation.someHost()
        const watch = (operation: DiskOperation, at: 'started' | 'ended'): void => {
          if (at !== moment || !CHANGES.has(operation.kind) || host.process === null) return
          if (log && !operation.path.includes('/log.')) return
          if (--after > 0) return
          host.disk.watchers.delete(watch)
          // While the operation is being started the disk is not to be changed under it.
          world.queue.after(0, () => simulation.crash(host, kind))
        }
        host.disk.watchers.add(watch)
      })
    }
  },
}
