export const LOAD_NAMES = ['get', 'set', 'create', 'createdel', 'mixed', 'multi', 'connect', 'watch', 'fill'] as const

/**
 * - `get`, `set`: getData, setData of a znode picked at random
 * - `create`: new znodes, deleted again afterwards
 * - `createdel`: a new znode, then its deletion
 * - `mixed`: nine getData for a setData
 * - `multi`: ten setData in one transaction
 * - `connect`: a session is opened, and closed
 * - `watch`: one connection changes a znode that all others watch; a notification counts as an operation
 * - `fill`: `znodes` new znodes, which stay
 */
export type LoadName = (typeof LOAD_NAMES)[number]

/** What the load generator is asked to do. */
export interface LoadSpec {
  load: LoadName
  port: number
  /** The server's process, for its CPU time and memory; 0: not known. */
  pid: number
  connections: number
  /** Requests in flight on each connection. */
  depth: number
  /** How long to measure; `fill` lasts until it is done. */
  seconds: number
  /** Znodes that are there before the load begins, or, for `fill`, that it creates. */
  znodes: number
  /** Data of each znode. */
  dataBytes: number
}

/** What the load generator found. */
export interface LoadResult {
  load: LoadName
  operations: number
  seconds: number
  errors: number
  firstError: string
  operationsPerSecond: number
  meanMs: number
  p50Ms: number
  p99Ms: number
  p999Ms: number
  maxMs: number
  serverCpuSeconds: number
  /** 0 if the server's CPU time is not known. */
  operationsPerCpuSecond: number
  serverResidentBytes: number
  /** How much of one core the generator itself used: near 1, it may be what limited the load. */
  generatorCpuShare: number
}
