import { networksOf } from '../world/random-config.ts'
import type { ServerHost } from '../world/server-host.ts'
import type { Fault } from './fault.ts'

/** Servers do not hear each other for a while: two halves, one server alone, two that cannot meet; one way or both. */
export const serverPartition: Fault = {
  name: 'server partition',
  plan(simulation) {
    const { random, world, network, hosts, actors, size } = simulation
    for (let times = random.int(1, 4); times > 0; times--) {
      const way = random.pick(['both ways', 'both ways', 'from', 'to'] as const)
      const shape = random.pick(['halves', 'alone', 'pair'] as const)
      const ms = random.between(200, 8000)
      world.queue.at(simulation.someMs(), () => {
        const one = simulation.someHost()
        const rest = hosts.filter((host) => host !== one)
        const group =
          shape === 'halves' ? [one, ...rest.slice(0, -1).filter(() => random.chance(0.5))] : ([one] as ServerHost[])
        const others = shape === 'pair' ? [random.pick(rest)] : hosts.filter((host) => !group.includes(host))
        // Some clients are on this side, and cannot reach the others.
        const clients = shape === 'pair' ? [] : actors.filter(() => random.chance(0.3))
        // Where there are two networks, one may be left.
        const count = size.networks > 1 && random.chance(0.7) ? size.networks : 1
        const near = [...group.map(({ address }) => address), ...clients.map(({ client }) => client.options.address)]
        const names = (list: readonly ServerHost[]): string => list.map(({ sid }) => sid).join(', ')
        simulation.disturbing(`no way (${way}) between servers ${names(group)} and ${names(others)}`, ms, () => {
          const links = near.flatMap((address) =>
            others.flatMap((other) => [
              ...(way === 'to' ? [] : [network.link(address, other.address)]),
              ...(way === 'from' ? [] : [network.link(other.address, address)]),
            ]),
          )
          for (let at = 1; at < count; at++) {
            for (const { sid } of group) {
              for (const other of others) {
                const [from, to] = [networksOf(sid)[at] as string, networksOf(other.sid)[at] as string]
                if (way !== 'to') links.push(network.link(from, to))
                if (way !== 'from') links.push(network.link(to, from))
              }
            }
          }
          for (const link of links) link.block()
          return () => {
            for (const link of links) link.unblock()
          }
        })
      })
    }
  },
}
