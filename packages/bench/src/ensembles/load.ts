import { runLoad } from '../compare/run-load.ts'
import { FILL } from '../compare/scenarios.ts'
import type { LoadResult } from '../load/load-spec.ts'
import type { Ensemble, Member } from './interop.ts'

/** Znodes that are written and read; others only are there. */
const BUSY_ZNODES = 1000

/** Writes, as many as go through, from clients of one member. */
export const WRITES = { load: 'set', connections: 48, depth: 16 } as const
/** Reads and writes, fewer than the member could bear, so that waits show. */
export const MIXED = { load: 'mixed', connections: 48, depth: 1 } as const

/** What members with many znodes are told: they may take their time to hand them over, and write no snapshot meanwhile. */
export const LARGE = { tickTime: '2000', initLimit: '60', snapCount: '10000000' } as const

/** Applies a load to a member, in a process of its own. */
export function loadOn(member: Member, scenario: typeof WRITES | typeof MIXED, seconds: number): Promise<LoadResult> {
  return runLoad(target(member), scenario, seconds, BUSY_ZNODES)
}

/** So many znodes, of 100 bytes each, through the leader. */
export async function fill(ensemble: Ensemble, znodes: number): Promise<void> {
  if (znodes > 0) await runLoad(target(await ensemble.settled()), FILL, 0, znodes)
}

function target({ port, process }: Member): { port: number; pid: number } {
  return { port, pid: process?.pid ?? 0 }
}
