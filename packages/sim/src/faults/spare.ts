import type { Simulation } from '../run/simulation.ts'
import type { ServerHost } from '../world/server-host.ts'

const AGAIN_MS = 100

/** Whether a server may ever lose something: not where members change, and nobody knows beforehand which are enough. */
export function mayLose({ size }: Simulation): boolean {
  return !size.changes
}

/**
 * Calls `action` as soon as the server may lose something that it has said is durable. Nothing can be promised if others need
 * that; so this is only where a quorum without it has all that it ever acknowledged, and for one server at a time, until it
 * has been made good by the others.
 *
 * @param wanted asked before each attempt: false gives it up
 */
export function onceSpare(simulation: Simulation, host: ServerHost, wanted: () => boolean, action: () => void): void {
  const { world, forgetful } = simulation
  if (!wanted() || !mayLose(simulation)) return
  for (const one of forgetful) if (one.serving) forgetful.delete(one)
  const others = [...forgetful].filter((one) => one !== host)
  if (others.length > 0 || !isSpare(simulation, host)) {
    world.queue.after(AGAIN_MS, () => onceSpare(simulation, host, wanted, action))
    return
  }
  forgetful.add(host)
  action()
}

/**
 * Whether a quorum of the others serves in one epoch, which this one has not gone beyond, and has all that is in its log, in a
 * way that a power cut can't change.
 */
function isSpare({ hosts, archive }: Simulation, host: ServerHost): boolean {
  const leader = hosts.find((one) => one !== host && one.leads)
  if (leader === undefined) return false
  const epoch = leader.epochOnDisk('currentEpoch')
  const last = archive.read(host.disk.memory).at(-1)?.zxid ?? 0
  const having = hosts.filter((one) => {
    const zxid = one.running?.server.database.tree.lastProcessedZxid ?? -1
    if (one === host || !one.serving || one.epochOnDisk('currentEpoch') !== epoch || zxid < last) return false
    // A follower applies what is committed also before it has that in its own log.
    return archive.last(one.disk.surviving()) >= last
  })
  const { ensemble } = host.config
  const isQuorum = ensemble?.containsQuorum(having.map(({ sid }) => sid)) ?? false
  return host.epochOnDisk('acceptedEpoch') <= epoch && isQuorum
}

/**
 * What messages of servers with damaged data tell an administrator to do: to start the server without that data, so that it
 * copies the others'. As soon as that may be; and if it is being started meanwhile, once it has refused again.
 */
export function mendByCopying(simulation: Simulation, host: ServerHost): void {
  let mending = false
  host.mend = () => {
    if (mending) return
    mending = true
    const replace = (): void => {
      mending = false
      simulation.world.trace.add('fault', `${host.name} begins with an empty data directory`)
      host.disk.replace(null)
      simulation.startServer(host)
    }
    const wanted = (): boolean => {
      mending = host.process === null
      return mending
    }
    onceSpare(simulation, host, wanted, replace)
  }
}
