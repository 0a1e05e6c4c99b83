import type { ServerOptions, ServerProcess } from '../server-process.ts'
import type { FuzzReport } from './fuzz.ts'

/** Sessions of attackers do not outlive them by long, and nothing waits for a disk. */
export const FUZZ_SERVER: ServerOptions = {
  config: {
    forceSync: 'no',
    tickTime: '500',
    maxSessionTimeout: '30000',
    extendedTypesEnabled: 'true',
    enforceQuota: 'true',
  },
}

/** A session of good manners must be answered within this, not counting what nobody can help who has no processor. */
const MAX_PING_MS = 100

/** What a server may need more under attack than before it, on top of what its znodes take. */
const MAX_GROWTH_BYTES = 150e6
const BYTES_PER_ZNODE = 2000

/** From the middle of a long attack to its end it may need this much more, which is what collecting garbage adds and takes. */
const MAX_TREND_BYTES = 40e6
const LONG_ATTACK_FRAMES = 2_000_000

export async function znodeCount(server: ServerProcess): Promise<number> {
  return Number(/zk_znode_count\t(\d+)/.exec(await server.word('mntr'))?.[1])
}

/** What is wrong with how the server bore up; empty when nothing is. */
export function complaints({ pings, memory }: FuzzReport): string[] {
  const found: string[] = []
  if (pings.slowestOwnMs > MAX_PING_MS) found.push(`a ping took ${pings.slowestOwnMs.toFixed(0)} ms`)
  const needed = memory.map(({ residentBytes, znodes }) => residentBytes - znodes * BYTES_PER_ZNODE)
  const growth = Math.max(...needed) - needed[0]!
  if (growth > MAX_GROWTH_BYTES) found.push(`it grew by ${megabytes(growth)}`)
  if (memory.at(-1)!.frames < LONG_ATTACK_FRAMES) return found
  // The medians of the third and the last quarter: one sample says when garbage was collected, more than anything else.
  const quarter = Math.floor(needed.length / 4)
  const trend = median(needed.slice(-quarter)) - median(needed.slice(-2 * quarter, -quarter))
  if (trend > MAX_TREND_BYTES) found.push(`it went on growing: by ${megabytes(trend)} in the last quarter`)
  return found
}

export function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!
}
