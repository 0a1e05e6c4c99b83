import { OPEN_ACL_UNSAFE } from '@vivarium/protocol'
import type { Request } from './requests.ts'
import type { Workload } from './workload.ts'

/** The parent of the sequential znodes; nobody deletes it, so that its numbers must rise for ever. */
export const QUEUE = '/queue'

const SEQUENTIAL = 2
const EPHEMERAL_SEQUENTIAL = 3

/** Puts in elements with sequence numbers and takes the first out. */
export const queue: Workload = {
  name: 'queue',
  next: ({ random, childrenOf, value }) => {
    const [first] = childrenOf(QUEUE)
    switch (random.int(0, 5)) {
      case 0:
        return [{ kind: 'create', path: QUEUE, data: null, acl: OPEN_ACL_UNSAFE, flags: 0 }]
      case 1:
      case 2: {
        const flags = random.pick([SEQUENTIAL, EPHEMERAL_SEQUENTIAL])
        const put = (): Request => ({ kind: 'create', path: `${QUEUE}/n-`, data: value(), acl: OPEN_ACL_UNSAFE, flags })
        return Array.from({ length: random.int(1, 3) }, put)
      }
      case 3:
        return first === undefined ? [] : [{ kind: 'delete', path: `${QUEUE}/${first}`, version: -1 }]
      default:
        return [{ kind: 'getChildren', path: QUEUE, watch: random.chance(0.5) }]
    }
  },
}
