import {
  type KeeperExtensions,
  type Pipeline,
  Preparer,
  Processor,
  type Reconfigurable,
  SessionTracker,
  type TransactionSink,
} from '@vivarium/core'
import type { ServerConfig } from '../config/server-config.ts'
import type { ClientFront } from './client-front.ts'
import type { ServerData } from './server-data.ts'
import type { ServerEnv } from './server-env.ts'

export interface ProcessorParts {
  readonly config: ServerConfig
  readonly env: ServerEnv
  readonly front: ClientFront
  readonly data: ServerData
}

/**
 * The pipeline of a server that decides by itself. Every session has its full timeout from now on (SessionTrackerImpl).
 *
 * @param serverId the top byte of the ids of new sessions
 * @param sink where its transactions go
 * @param ensemble what it leads; null: it stands alone
 */
export function createProcessor(
  parts: ProcessorParts,
  serverId: number,
  sink: TransactionSink,
  ensemble: Reconfigurable | null = null,
): Processor {
  const { config, env, data } = parts
  const { clock, random } = env
  const { database } = data
  const nowMs = clock.monotonicMs()
  const sessions = new SessionTracker({
    serverId,
    tickMs: config.tickTimeMs,
    minTimeoutMs: config.minSessionTimeoutMs,
    maxTimeoutMs: config.maxSessionTimeoutMs,
    nowMs,
    idTimeMs: clock.wallMs(),
    idOffset: random.uint32() >>> 16,
  })
  sessions.restore(database.sessions, nowMs)
  database.keeper = keeperExtensions(config, true)
  const preparer = new Preparer(database, {
    extendedTypes: config.extendedTypesEnabled,
    closeSessionPaths: config.closeSessionTxnEnabled,
    reconfigEnabled: config.reconfigEnabled,
    ensemble,
  })
  const processor = new Processor({ database, preparer, sessions, sink, clock })
  followPipeline(processor, parts)
  return processor
}

/** What a transaction has besides what it says, and a proposal besides the transaction. */
const TXN_MARGIN_BYTES = 1024

/** ClickHouse Keeper's operations, if they are wanted. @param writes whether whoever makes transactions here knows them */
export function keeperExtensions(config: ServerConfig, writes: boolean): KeeperExtensions | null {
  if (!config.keeperExtensions) return null
  return { writes, maxTxnBytes: Math.max(0, config.juteMaxBufferBytes - TXN_MARGIN_BYTES) }
}

/** What is applied counts for the next snapshot, and ends the connections of sessions that are over. */
export function followPipeline(pipeline: Pipeline, { front, data }: ProcessorParts): void {
  pipeline.onApplied = (txn) => {
    front.applied(txn)
    data.applied()
  }
  pipeline.onSessionMoved = (session) => front.clients.sessionMoved(session)
  pipeline.onSessionEnded = (session) => front.clients.sessionEnded(session)
}
