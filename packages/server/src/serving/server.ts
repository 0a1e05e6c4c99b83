import type { Database, Pipeline } from '@vivarium/core'
import type { Listener } from '@vivarium/env'
import type { Metrics } from '../admin/metrics.ts'
import type { ServerStats } from '../admin/server-stats.ts'
import type { AdminView, MemberView, RestoreOutcome, ServerMode } from '../admin/view.ts'
import type { Clients } from '../clients/clients.ts'
import type { ServerConfig } from '../config/server-config.ts'
import type { StartError } from '../start-error.ts'
import type { RoleHistory } from './role-history.ts'

/** A server, whether it stands alone or is a member of an ensemble. */
export interface Server {
  readonly config: ServerConfig
  readonly metrics: Metrics
  readonly stats: ServerStats
  readonly clients: Clients
  /** What administrators can ask for. */
  readonly view: AdminView
  /** What it has; to be looked at once it has started. */
  readonly database: Database
  /** The way that requests go at present; null while none are taken. */
  readonly pipeline: Pipeline | null
  /** Whether requests are answered. */
  readonly serving: boolean
  /** Writes are refused until there is room on the disk. */
  readonly diskFull: boolean
  readonly mode: ServerMode
  /** What it was before. */
  readonly roles: RoleHistory
  /** 0 for a server that stands alone. */
  readonly serverId: number
  /** Null for a server that stands alone. */
  readonly member: MemberView | null
  /** Resolves when the server has stopped by itself, with the reason; `close` does not resolve it. */
  readonly failed: Promise<StartError>
  /** Begins to listen for clients. Until requests are taken, connections are accepted and closed. */
  listen(port: number): Promise<Listener>
  /** Begins to listen for clients that encrypt their connections. */
  listenSecurely(port: number): Promise<Listener>
  /** Loads what is on the disk, and does its work from then on. Resolves to a sentence about where it stands. */
  serve(): Promise<string>
  /** Writes a snapshot while serving goes on. False if one was being written already, or it failed. */
  takeSnapshot(): Promise<boolean>
  /** Replaces everything by a snapshot: see {@link AdminView.restore}. */
  restore(snapshot: AsyncIterable<Uint8Array>): Promise<RestoreOutcome>
  /** Stops taking requests, finishes those under way, and lets go of the disk. */
  close(): Promise<void>
}
