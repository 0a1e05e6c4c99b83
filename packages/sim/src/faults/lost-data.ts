import type { MemoryDisk } from '@vivarium/env/memory'
import type { Simulation } from '../run/simulation.ts'
import type { ServerHost } from '../world/server-host.ts'
import type { Fault } from './fault.ts'

const AGAIN_MS = 100

/**
 * A server comes back with an empty data directory, or with a backup. Nothing can be promised if others need what it has
 * forgotten; so this happens only where a quorum without it has all that it ever acknowledged, and to one server at a time.
 */
export const lostData: Fault = {
  name: 'lost data',
  plan(simulation) {
    const { random, world } = simulation
    for (let times = random.int(1, 2); times > 0; times--) {
      const wiped = random.chance(0.5)
      const laterMs = random.between(0, 5000)
      world.queue.at(simulation.someMs(), () => {
        const host = simulation.someHost()
        const backup = wiped ? null : host.disk.copy()
        world.queue.after(laterMs, () => lose(simulation, host, backup))
      })
    }
  },
}

function lose(simulation: Simulation, host: ServerHost, backup: MemoryDisk | null): void {
  const { world, forgetful, random } = simulation
  if (world.nowMs >= simulation.activeMs) return
  for (const one of forgetful) if (one.serving) forgetful.delete(one)
  if (forgetful.size > 0 || !canDoWithout(simulation, host)) {
    world.queue.after(AGAIN_MS, () => lose(simulation, host, backup))
    return
  }
  const found = backup === null ? 'an empty data directory' : 'an old data directory'
  simulation.crash(host, 'kill', random.between(5, 500))
  world.trace.add('fault', `${host.name} finds ${found}`)
  host.disk.replace(backup)
  forgetful.add(host)
}

/** Whether a quorum of the others serves in one epoch, which this one has not gone beyond, and has all that is in its log. */
function canDoWithout({ hosts, archive, size }: Simulation, host: ServerHost): boolean {
  const leader = hosts.find((one) => one !== host && one.leads)
  if (host.process === null || leader === undefined) return false
  const epoch = leader.epochOnDisk('currentEpoch')
  const last = archive.read(host.disk.memory).at(-1)?.zxid ?? 0
  const having = hosts.filter((one) => {
    const zxid = one.running?.server.database.tree.lastProcessedZxid ?? -1
    return (
      one !== host && one.sid <= size.voters && one.serving && one.epochOnDisk('currentEpoch') === epoch && zxid >= last
    )
  })
  return host.epochOnDisk('acceptedEpoch') <= epoch && having.length > size.voters / 2
}
