import { OPEN_ACL_UNSAFE } from '@vivarium/protocol'
import type { Workload } from './workload.ts'

const LOCKS = ['/lock-1', '/lock-2', '/lock-3']

/** Takes and releases locks: ephemeral znodes of which there can be one; and waits for those of others by a watch. */
export const locks: Workload = {
  name: 'locks',
  next: ({ random, client }) => {
    const path = random.pick(LOCKS)
    switch (random.int(0, 4)) {
      case 0:
        return [{ kind: 'delete', path, version: -1 }]
      case 1:
        return [{ kind: 'exists', path, watch: true }]
      case 2:
        return [{ kind: 'getEphemerals', prefix: '/lock' }]
      default:
        return [{ kind: 'create2', path, data: client, acl: OPEN_ACL_UNSAFE, flags: 1 }]
    }
  },
}
