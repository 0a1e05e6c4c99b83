import type { Simulation } from '../run/simulation.ts'
import { networksOf } from '../world/random-config.ts'
import type { ServerHost } from '../world/server-host.ts'
import type { Fault } from './fault.ts'

/**
 * A leader that cannot reach a quorum logs what nobody commits. Then all start anew, and as it has the longest log it leads;
 * but before the others, whose disks are slow, have taken over what it has, the power fails, and they go on without it.
 */
export const turnOfHistory: Fault = {
  name: 'turn of history',
  plan(simulation) {
    const { random, world } = simulation
    const aloneMs = random.between(50, 600)
    const togetherMs = random.between(400, 3000)
    world.queue.at(simulation.someMs(), () => {
      const parts = divide(simulation)
      if (parts === null || world.nowMs + aloneMs + togetherMs > simulation.activeMs) return
      leaveAlone(simulation, parts, aloneMs)
      world.queue.after(aloneMs, () => startAnew(simulation, parts, togetherMs))
    })
  },
}

interface Parts {
  /** Who leads, and those who are with it: no quorum. */
  readonly few: readonly ServerHost[]
  /** A quorum without them. */
  readonly many: readonly ServerHost[]
}

function divide({ random, hosts, size }: Simulation): Parts | null {
  const leader = hosts.find(({ leads }) => leads)
  if (leader === undefined) return null
  const voters = hosts.filter((host) => host !== leader && host.sid <= size.voters)
  const others = random.shuffled(voters)
  const few = [leader, ...hosts.filter(({ sid }) => sid > size.voters)]
  while (others.length - 1 > size.voters / 2) few.push(others.pop() as ServerHost)
  return few.length > 1 ? { few, many: others } : null
}

function leaveAlone(simulation: Simulation, { few, many }: Parts, ms: number): void {
  const { network } = simulation
  const names = (hosts: readonly ServerHost[]): string => hosts.map(({ sid }) => sid).join(', ')
  simulation.disturbing(`no way between servers ${names(few)}, one of which leads, and ${names(many)}`, ms, () => {
    const links = few.flatMap((one) =>
      many.flatMap((other) =>
        networksOf(one.sid).flatMap((from, at) => {
          const to = networksOf(other.sid)[at] as string
          return [network.link(from, to), network.link(to, from)]
        }),
      ),
    )
    for (const link of links) link.block()
    return () => {
      for (const link of links) link.unblock()
    }
  })
}

function startAnew(simulation: Simulation, { few, many }: Parts, ms: number): void {
  const { random, world } = simulation
  for (const host of [...few, ...many]) simulation.crash(host, 'kill', random.between(1, 20))
  simulation.disturbing('the disks of most servers are slow', ms, () => {
    for (const { disk } of many) disk.slowness = 60
    return () => {
      for (const { disk } of many) disk.slowness = 1
    }
  })
  world.queue.after(random.between(0.3, 0.9) * ms, () => {
    for (const { running } of few) void running?.server.takeSnapshot()
  })
  world.queue.after(ms, () => {
    for (const host of many) simulation.crash(host, 'lost', random.between(5, 50))
    for (const host of few) simulation.crash(host, 'lost', random.between(1000, 5000))
  })
}
