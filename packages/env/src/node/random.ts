import { randomFillSync } from 'node:crypto'
import type { Random } from '../random.ts'

/** A call into the system's generator costs microseconds, so it is asked for a page of numbers at a time. */
const pool = new Uint32Array(1024)
let used = pool.length

/** Numbers that nobody can predict. */
export const nodeRandom: Random = {
  uint32() {
    if (used === pool.length) {
      randomFillSync(pool)
      used = 0
    }
    const value = pool[used] as number
    // A number that has been given out must not be found in memory afterwards: it may have become a secret.
    pool[used++] = 0
    return value
  },
}
