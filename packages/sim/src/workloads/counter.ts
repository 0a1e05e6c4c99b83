import { OPEN_ACL_UNSAFE } from '@vivarium/protocol'
import type { Workload } from './workload.ts'

const COUNTER = '/counter'

/** Reads a register and sets it on condition of its version, with a sync in front now and then. */
export const counter: Workload = {
  name: 'counter',
  next: ({ random, versionOf, value }) => {
    switch (random.int(0, 5)) {
      case 0:
        return [{ kind: 'create', path: COUNTER, data: '0', acl: OPEN_ACL_UNSAFE, flags: 0 }]
      case 1:
        return [
          { kind: 'sync', path: COUNTER },
          { kind: 'getData', path: COUNTER, watch: false },
        ]
      case 2:
        return [{ kind: 'getData', path: COUNTER, watch: true }]
      default:
        return [
          { kind: 'setData', path: COUNTER, data: value(), version: versionOf(COUNTER) },
          { kind: 'getData', path: COUNTER, watch: false },
        ]
    }
  },
}
