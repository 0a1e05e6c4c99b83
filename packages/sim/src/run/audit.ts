import { counterOf } from '@vivarium/protocol'
import type { Replica } from '../workloads/history.ts'
import { tellWhoMoved } from '../world/member-files.ts'
import { readTree } from './read-tree.ts'
import type { Simulation } from './simulation.ts'

/**
 * The power fails once more, everywhere, and takes all that was not synced: what a restart brings back is what there is.
 *
 * @param patienceMs how long the servers may take to serve again
 * @returns what each server has then, the one that leads first; null if they do not come to that
 */
export async function audit(simulation: Simulation, patienceMs: number): Promise<readonly Replica[] | null> {
  const { world, hosts, archive } = simulation
  const lost = hosts.filter(({ serving }) => !serving)
  for (const host of hosts) host.crash('lost')
  if (simulation.size.changes) tellWhoMoved(lost, hosts)
  for (const host of hosts) world.queue.after(1, () => simulation.startServer(host))
  const agreed = await world.run(() => simulation.refused || agree(simulation), world.nowMs + patienceMs)
  if (!agreed || simulation.refused) return null
  return [...hosts]
    .sort((a, b) => Number(b.leads) - Number(a.leads))
    .map(({ sid, disk, running, digest }) => ({
      server: sid,
      log: archive.copy(sid, disk.memory, world.nowMs, null),
      tree: running === null ? [] : readTree(running.server.database.tree),
      digest,
    }))
}

/** All serve, have applied and logged the same, and nothing is under way. */
function agree({ hosts, archive }: Simulation): boolean {
  if (!hosts.every(({ serving }) => serving)) return false
  if (hosts.length === 1) return true
  const leader = hosts.find(({ leads }) => leads)?.running?.server
  if (leader === undefined || leader.pipeline?.inProcess !== 0) return false
  const { lastProcessedZxid: last } = leader.database.tree
  const others = new Set(hosts.map(({ running }) => running?.server.database.tree.lastProcessedZxid as number))
  others.delete(last)
  // An epoch begins at a zxid of its own, which learners do not have before the first transaction in it.
  if (counterOf(last) === 0) return others.size === 0 || (others.size === 1 && Math.max(...others) < last)
  return others.size === 0 && hosts.every(({ disk }) => archive.last(disk.memory) >= last)
}
