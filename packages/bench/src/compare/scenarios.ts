import type { LoadName } from '../load/load-spec.ts'

/** The parts of a comparison. */
export const PARTS = ['start', 'loads', 'memory'] as const
export type Part = (typeof PARTS)[number]

/** A load as it is applied: so many connections, so many requests in flight on each. */
export interface Scenario {
  readonly load: LoadName
  readonly connections: number
  readonly depth: number
}

export const SCENARIOS: readonly Scenario[] = [
  { load: 'get', connections: 50, depth: 1 },
  { load: 'get', connections: 50, depth: 16 },
  { load: 'get', connections: 500, depth: 1 },
  { load: 'set', connections: 1, depth: 1 },
  { load: 'set', connections: 50, depth: 1 },
  { load: 'set', connections: 50, depth: 16 },
  { load: 'create', connections: 50, depth: 16 },
  { load: 'createdel', connections: 50, depth: 4 },
  { load: 'mixed', connections: 50, depth: 4 },
  { load: 'multi', connections: 10, depth: 4 },
  { load: 'connect', connections: 20, depth: 1 },
  { load: 'watch', connections: 1000, depth: 1 },
]

/** How the part `memory` creates its znodes. */
export const FILL: Scenario = { load: 'fill', connections: 8, depth: 100 }

/** Znodes that a load finds, and the data of each. */
export const ZNODES = 1000
export const DATA_BYTES = 100
