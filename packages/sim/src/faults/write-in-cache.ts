import type { DiskOperation } from '@vivarium/env/memory'
import type { Fault } from './fault.ts'

/**
 * The server is killed while the disk takes long over a write to the log. Started again, it finds that write, in the
 * system's cache; and then the power fails, before it has come to the disk. What the server has told anybody of it must
 * not be lost.
 */
export const writeInCache: Fault = {
  name: 'write in cache',
  plan(simulation) {
    const { random, world } = simulation
    world.queue.at(simulation.someMs(), () => {
      const host = simulation.someHost()
      const watch = ({ kind, path }: DiskOperation, moment: 'started' | 'ended'): void => {
        if (kind !== 'write' || moment !== 'started' || !path.includes('/log.') || !host.serving) return
        host.disk.watchers.delete(watch)
        host.disk.holdMs = 5000
        const cut = random.pick(['lost', 'prefix', 'scattered'] as const)
        world.queue.after(0, () => {
          simulation.crash(host, 'kill', random.between(5, 100))
          world.queue.after(random.between(100, 2000), () => simulation.crash(host, cut))
        })
      }
      host.disk.watchers.add(watch)
    })
  },
}
