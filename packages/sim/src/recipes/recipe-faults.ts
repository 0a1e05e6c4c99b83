import { CRASH_KINDS } from '../world/server-host.ts'
import type { RecipeSimulation } from './recipe-simulation.ts'

/** Something that goes wrong, once or several times, while participants take their turns. */
export interface RecipeFault {
  readonly name: string
  /** Decides when and how, and puts that into the queue. */
  plan(simulation: RecipeSimulation): void
}

function several(
  name: string,
  [least, most]: readonly [number, number],
  strike: (simulation: RecipeSimulation) => void,
): RecipeFault {
  return {
    name,
    plan(simulation) {
      for (let times = simulation.random.int(least, most); times > 0; times--) {
        simulation.world.queue.at(simulation.someMs(), () => strike(simulation))
      }
    },
  }
}

/** A connection ends, for both ends or for one. */
const cuts = several('cuts', [3, 30], ({ network, random, addresses, world }) => {
  const address = random.pick(addresses)
  if (network.cutOne(address)) world.trace.add('fault', `a connection of ${address} is cut`)
})

const crashes = several('server crashes', [1, 4], (simulation) => {
  simulation.crash(simulation.random.pick(simulation.hosts), simulation.random.pick(CRASH_KINDS))
})

const serverPauses = several('server pauses', [1, 3], ({ random, hosts, world, activeMs }) => {
  const host = random.pick(hosts)
  const ms = Math.min(random.between(10, 5000), activeMs - world.nowMs)
  world.trace.add('fault', `${host.name} stands still for ${Math.round(ms)} ms`)
  host.process?.pause(ms)
})

const kills = several('kills', [1, 5], (simulation) => {
  simulation.kill(simulation.random.pick(simulation.participants))
})

/** Often for longer than the session lasts. */
const pauses = several('pauses', [1, 5], ({ random, participants, activeMs, world }) => {
  const participant = random.pick(participants)
  const { sessionTimeoutMs } = participant.options
  participant.pause(Math.min(random.between(0.2, 2.5) * sessionTimeoutMs, activeMs - world.nowMs))
})

type Way = 'to' | 'from' | 'to and from'

/** Nothing comes from a participant to these servers, or the other way, or both. */
function cutOff(
  simulation: RecipeSimulation,
  address: string,
  hosts: RecipeSimulation['hosts'],
  way: Way,
  ms: number,
): void {
  const { network } = simulation
  simulation.lasting(`no way ${way} ${address}`, ms, () => {
    const links = hosts.flatMap((host) => [
      ...(way === 'from' ? [] : [network.link(host.address, address)]),
      ...(way === 'to' ? [] : [network.link(address, host.address)]),
    ])
    for (const link of links) link.block()
    return () => {
      for (const link of links) link.unblock()
    }
  })
}

const isolation = several('isolation', [1, 5], (simulation) => {
  const { random, hosts, participants } = simulation
  const { address, sessionTimeoutMs } = random.pick(participants).options
  const way = random.pick(['to', 'from', 'to and from'] as const)
  const cut = random.chance(0.7) ? hosts : [random.pick(hosts)]
  cutOff(simulation, address, cut, way, random.between(0.1, 2.5) * sessionTimeoutMs)
})

/**
 * A server dies with what it has answered a participant last, who does not come to another one for some time: one who holds
 * something, if there is one.
 */
const lastWords = several('last words', [1, 5], (simulation) => {
  const { random, network, hosts, participants, recorder } = simulation
  const holding = participants.filter(({ who }) => recorder.isHolding(who))
  const { address, sessionTimeoutMs } = random.pick(holding.length > 0 ? holding : participants).options
  const [server] = network.connectedTo(address)
  const host = hosts.find((each) => each.address === server)
  if (host === undefined) return
  simulation.crash(host, random.pick(CRASH_KINDS))
  cutOff(simulation, address, hosts, 'to and from', random.between(0.5, 2) * sessionTimeoutMs)
})

const slowLinks = several('slow links', [1, 3], (simulation) => {
  const { random, network, hosts, addresses } = simulation
  const address = random.pick(addresses)
  const links = hosts.flatMap((host) => [network.link(host.address, address), network.link(address, host.address)])
  const moreMs = random.between(5, 500)
  simulation.lasting(`${address} is ${Math.round(moreMs)} ms further away`, random.between(200, 4000), () => {
    for (const link of links) link.latencyMs += moreMs
    return () => {
      for (const link of links) link.latencyMs -= moreMs
    }
  })
})

export const RECIPE_FAULTS: readonly RecipeFault[] = [
  cuts,
  cuts,
  crashes,
  serverPauses,
  kills,
  pauses,
  isolation,
  slowLinks,
  lastWords,
]
