import type { RoleChange } from '../../serving/role-history.ts'
import type { ZnodeHistory } from '../../storage/znode-history/read-history.ts'
import type { AdminView, Asker, ConnectionView } from '../view.ts'
import type { Sight } from './api-answer.ts'

/** A session as this server has it. */
export interface SessionView {
  readonly id: bigint
  readonly timeoutMs: number
  /** Milliseconds of the wall clock; null where another server decides. */
  readonly expiresAtMs: number | null
  readonly ephemerals: number
  /** Null where the client is not connected to this server. */
  readonly connection: ConnectionView | null
}

/** Who watches a path, and how. */
export interface WatcherView {
  readonly session: bigint
  readonly address: string
  readonly kinds: readonly ('data' | 'children' | 'persistent' | 'recursive')[]
}

/** What the console asks of a server besides what administrators ask. Each answer looks at a bounded part of what there is. */
export interface ConsoleView {
  readonly admin: AdminView
  wallMs(): number
  /** What somebody may see who shows these credentials; null: none. */
  sight(scheme: string, credentials: string | null, asker: Asker): Sight
  readonly sessionCount: number
  /** Those that expire next, where that is decided here; else some of them. */
  sessions(most: number): SessionView[]
  session(id: bigint): SessionView | null
  ephemerals(session: bigint, most: number): string[]
  watches(session: bigint, most: number): { readonly count: number; readonly paths: string[] }
  watchers(path: string, most: number): WatcherView[]
  readonly roles: readonly RoleChange[]
  exists(path: string): boolean
  /** Null while too many others are being read. */
  history(path: string): Promise<ZnodeHistory | null>
  /** The newest lines of the audit log, oldest first; null where it has no file of its own. */
  auditLines(): Promise<string[] | null>
}
