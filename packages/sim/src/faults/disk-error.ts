import type { DiskFault, DiskOperation } from '@vivarium/env/memory'
import type { Fault } from './fault.ts'

const KINDS = ['write', 'write', 'write', 'sync', 'create', 'syncDirectory', 'read', 'rename', 'open', 'list'] as const

/**
 * An operation of the disk fails with EIO, a write after any part of it. If it was one of the log, the server has to stop;
 * started again, it has lost nothing that it acknowledged.
 */
export const diskError: Fault = {
  name: 'disk error',
  plan(simulation) {
    const { random, world } = simulation
    for (let times = random.int(1, 3); times > 0; times--) {
      const kind = random.pick(KINDS)
      let skip = random.int(0, 5)
      world.queue.at(simulation.someMs(), () => {
        const host = simulation.someHost()
        const rule = (operation: DiskOperation): DiskFault | null => {
          if (operation.kind !== kind || skip-- > 0) return null
          host.disk.rules.delete(rule)
          return { code: 'EIO', written: random.chance(0.5) ? 0 : random.int(0, operation.bytes) }
        }
        simulation.lasting(`the disk of ${host.name} will fail at a ${kind}`, 5000, () => {
          host.disk.rules.add(rule)
          return () => host.disk.rules.delete(rule)
        })
      })
    }
  },
}
