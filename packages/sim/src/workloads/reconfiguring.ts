import type { SeededRandom } from '../random.ts'
import { memberLine } from '../world/random-config.ts'
import type { Request } from './requests.ts'
import type { Workload } from './workload.ts'

/** How often the administrator does something, when there is time to. */
const SHARE = 0.1

/** An administrator who changes the members of an ensemble: by one, by several, all of them; other roles, other ports. */
export function reconfiguring(servers: number): Workload {
  const sids = Array.from({ length: servers }, (_, index) => index + 1)
  return {
    name: 'reconfiguring',
    next: ({ random }) => (random.chance(SHARE) ? [anyChange(random, sids)] : []),
  }
}

function anyChange(random: SeededRandom, sids: readonly number[]): Request {
  const nothing = {
    kind: 'reconfig',
    joiningServers: null,
    leavingServers: null,
    newMembers: null,
    curConfigId: -1,
  } as const
  const line = (sid: number): string => {
    const ports = random.chance(0.1) ? `${random.int(2888, 2890)}:${random.int(3888, 3890)}` : undefined
    return memberLine(sid, random.chance(0.75) ? 'participant' : 'observer', { ports })
  }
  switch (random.int(0, 4)) {
    case 0:
      return { ...nothing, leavingServers: String(random.pick(sids)) }
    case 1:
    case 2:
      return { ...nothing, joiningServers: line(random.pick(sids)) }
    case 3: {
      const [leaving, joining] = [random.pick(sids), random.pick(sids)]
      return { ...nothing, leavingServers: String(leaving), joiningServers: line(joining) }
    }
    default: {
      const members = sids.filter(() => random.chance(0.7))
      return { ...nothing, newMembers: members.map(line).join() }
    }
  }
}
