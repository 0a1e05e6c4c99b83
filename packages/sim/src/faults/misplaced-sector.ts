import { somePlace } from './bit-rot.ts'
import { damageSomeFile } from './damaged-file.ts'
import type { Fault } from './fault.ts'

const SECTOR_BYTES = 512

/** A sector of a log or a snapshot was written over another one of the file, by a disk that took its place for that. */
export const misplacedSector: Fault = {
  name: 'misplaced sector',
  plan(simulation) {
    const { random } = simulation
    damageSomeFile(simulation, 'another sector stands', (bytes) => {
      const [from, to] = [somePlace(random, bytes.length), somePlace(random, bytes.length)].map(
        (place) => place - (place % SECTOR_BYTES),
      ) as [number, number]
      const length = Math.min(SECTOR_BYTES, bytes.length - Math.max(from, to))
      return { position: to, mask: Uint8Array.from({ length }, (_, at) => bytes[from + at]! ^ bytes[to + at]!) }
    })
  },
}
