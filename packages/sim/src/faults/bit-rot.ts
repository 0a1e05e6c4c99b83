import type { SeededRandom } from '../random.ts'
import { damageSomeFile } from './damaged-file.ts'
import type { Fault } from './fault.ts'

/** A bit of a log or a snapshot changes on the disk. */
export const bitRot: Fault = {
  name: 'bit rot',
  plan(simulation) {
    const { random } = simulation
    damageSomeFile(simulation, 'a bit rots', ({ length }) => ({
      position: somePlace(random, length),
      mask: Uint8Array.of(1 << random.int(0, 7)),
    }))
  },
}

/** Near the start there is always something; far behind it, in a log, there may be only zeros. */
export function somePlace(random: SeededRandom, length: number): number {
  return random.chance(0.7) ? random.int(0, Math.min(length, 4096) - 1) : random.int(0, length - 1)
}
