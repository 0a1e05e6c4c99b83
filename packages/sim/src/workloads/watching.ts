import { anyPath, anyRead, anyWrite } from './mixed.ts'
import type { Workload } from './workload.ts'

/** Mostly watches, of all kinds, and now and then a write. */
export const watching: Workload = {
  name: 'watching',
  next: (context) => {
    const { random } = context
    const path = random.chance(0.1) ? '/' : anyPath(random)
    switch (random.int(0, 5)) {
      case 0:
        return [{ kind: 'addWatch', path, recursive: random.chance(0.5) }]
      case 1:
        return [{ kind: 'exists', path, watch: true }]
      case 2:
        return [
          { kind: 'getData', path, watch: true },
          { kind: 'getChildren', path, watch: true },
        ]
      case 3:
        return [anyWrite(context), anyWrite(context)]
      default:
        return [anyRead(context)]
    }
  },
}
