/**
 * What the simulator takes from the server beyond its public exports: the parts that it runs in place of threads, and
 * those that mutants break.
 */
export type { Connection } from '../../../server/dist/clients/connection.js'
export { InlineSnapshotRunner, type SnapshotRunner } from '../../../server/dist/storage/index.js'
