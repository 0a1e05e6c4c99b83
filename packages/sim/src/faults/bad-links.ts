import type { Fault } from './fault.ts'

/** Some links are slow for a while, or lose packets. */
export const badLinks: Fault = {
  name: 'bad links',
  plan(simulation) {
    const { random, world, network, hosts } = simulation
    for (let times = random.int(1, 3); times > 0; times--) {
      const extraMs = random.pick([0, random.between(5, 100), random.between(100, 1500)])
      const loss = random.pick([0, 0.05, 0.3])
      const ms = random.between(500, 8000)
      world.queue.at(simulation.someMs(), () => {
        const { address, name } = simulation.someHost()
        const peers = [...hosts.map((host) => host.address), ...simulation.addresses].filter((one) => one !== address)
        const links = peers
          .flatMap((peer) => [network.link(address, peer), network.link(peer, address)])
          .filter(() => random.chance(0.6))
        simulation.disturbing(
          `links of ${name} take ${Math.round(extraMs)} ms more and lose ${loss * 100} %`,
          ms,
          () => {
            for (const link of links) {
              link.latencyMs += extraMs
              link.loss += loss
            }
            return () => {
              for (const link of links) {
                link.latencyMs -= extraMs
                link.loss -= loss
              }
            }
          },
        )
      })
    }
  },
}
