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

/** A session of good manners must be answered within this. */
const MAX_PING_MS = 2000

/** What a server may need more after an attack than before it, on top of what its znodes take. */
const MAX_GROWTH_BYTES = 400e6
const BYTES_PER_ZNODE = 2000

export async function znodeCount(server: ServerProcess): Promise<number> {
  return Number(/zk_znode_count\t(\d+)/.exec(await server.word('mntr'))?.[1])
}

/** What is wrong with how the server bore up; empty when nothing is. */
export async function complaints(server: ServerProcess, report: FuzzReport): Promise<string[]> {
  const found: string[] = []
  const znodes = await znodeCount(server)
  const growth = report.residentAfter - report.residentBefore
  if (report.slowestPingMs > MAX_PING_MS) found.push(`a ping took ${report.slowestPingMs.toFixed(0)} ms`)
  if (growth > MAX_GROWTH_BYTES + znodes * BYTES_PER_ZNODE)
    found.push(`it grew by ${growth} bytes, with ${znodes} znodes`)
  return found
}
