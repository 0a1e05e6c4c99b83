import { somePlace } from './bit-rot.ts'
import { damageSomeFile } from './damaged-file.ts'
import type { Fault } from './fault.ts'

const SECTOR_BYTES = 512

/**
 * A sector of a log or a snapshot was written over another one of the file, by a disk that took its place for that. But not
 * one of the zeros that are behind a log's end over the end itself: that is a log that ends earlier, or in a torn write, to
 * the last byte. Nobody can tell, but by the digest of the transaction that comes next.
 */
export const misplacedSector: Fault = {
  name: 'misplaced sector',
  plan(simulation) {
    const { random } = simulation
    damageSomeFile(simulation, 'another sector stands', (bytes) => {
      const [from, to] = [somePlace(random, bytes.length), somePlace(random, bytes.length)].map(
        (place) => place - (place % SECTOR_BYTES),
      ) as [number, number]
      const length = Math.min(SECTOR_BYTES, bytes.length - Math.max(from, to))
      if (isZero(bytes.subarray(from, from + length)) && isZero(bytes.subarray(to + length))) return null
      return { position: to, mask: Uint8Array.from({ length }, (_, at) => bytes[from + at]! ^ bytes[to + at]!) }
    })
  },
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0)
}
