import { join, resolve } from 'node:path'
import { type DataTree, NONE, type Session, toHostAddress, type WatchSet } from '@vivarium/core'
import type { Disk } from '@vivarium/env'
import { type ACL, Perm, parentOf } from '@vivarium/protocol'
import type { Sight } from '../admin/api/api-answer.ts'
import type { ConsoleView, SessionView, WatcherView } from '../admin/api/console-view.ts'
import type { AdminView, Asker } from '../admin/view.ts'
import type { Connection } from '../clients/connection.ts'
import { HistoryReader } from '../storage/znode-history/history-reader.ts'
import type { ZnodeHistory } from '../storage/znode-history/read-history.ts'
import type { RoleChange } from './role-history.ts'
import type { Server } from './server.ts'
import type { ServerEnv } from './server-env.ts'
import { connectionView, identitiesOf } from './server-view.ts'

/** Of a history, so much: what a screen shows, from what a disk reads in a second or so. */
const HISTORY = { mostEntries: 200, mostLogBytes: 256 * 2 ** 20, mostDataBytes: 2 * 2 ** 20 }
/** Of the end of the audit log. */
const AUDIT_BYTES = 128 * 1024
const MOST_AUDIT_LINES = 500

/** In the order of their flags: one-shot, persistent, recursive, of the data table and then of the other. */
const WATCH_KINDS = ['data', 'persistent', 'recursive', 'children', 'persistent', 'recursive'] as const

/** A server as the console sees it. */
export class ServerConsoleView implements ConsoleView {
  readonly #server: Server
  readonly #env: Pick<ServerEnv, 'clock' | 'disk'>
  readonly #histories = new HistoryReader()

  constructor(server: Server, env: Pick<ServerEnv, 'clock' | 'disk'>) {
    this.#server = server
    this.#env = env
  }

  get admin(): AdminView {
    return this.#server.view
  }

  readonly wallMs = (): number => this.#env.clock.wallMs()

  /** As a client has it that is connected from there and has authenticated itself so. */
  sight(scheme: string, credentials: string | null, asker: Asker): Sight {
    const { database, clients } = this.#server
    const { access } = clients
    const identities = [{ scheme: 'ip', id: toHostAddress(asker.address) }]
    identities.push(...identitiesOf(access.providers.get(scheme), credentials, asker))
    const allows = (acl: readonly ACL[]): boolean => access.allows(acl, Perm.READ, identities)
    const reads = (path: string): boolean => allows(database.aclOf(lastThere(database.tree, path)))
    return { allows, reads, lists: (path) => reads(parentOf(path)) }
  }

  exists(path: string): boolean {
    return this.#server.database.tree.find(path) !== NONE
  }

  get sessionCount(): number {
    const { database, pipeline } = this.#server
    return database.sessions.size + (pipeline?.locals?.size ?? 0)
  }

  sessions(most: number): SessionView[] {
    const found: SessionView[] = []
    for (const id of this.#ids(most)) {
      if (found.length === most) break
      const session = this.session(id)
      if (session !== null) found.push(session)
    }
    return found
  }

  *#ids(most: number): Iterable<bigint> {
    const { database, pipeline } = this.#server
    const tables = [pipeline?.sessions, pipeline?.locals]
    const next = tables.flatMap((table) => firstOf(table?.buckets() ?? [], most))
    const ids = new Set(next.sort((a, b) => a.expiresAtMs - b.expiresAtMs).map(({ id }) => id))
    yield* ids
    for (const id of database.sessions.keys()) if (!ids.has(id)) yield id
  }

  session(id: bigint): SessionView | null {
    const { database, pipeline, member } = this.#server
    const session = pipeline?.locals?.get(id) ?? pipeline?.sessions.get(id)
    const timeoutMs = session?.timeoutMs ?? database.sessions.get(id)
    if (timeoutMs === undefined) return null
    const decides = session !== undefined && (session.local || (member?.globalSessions ?? null) === null)
    const toWallMs = this.#env.clock.wallMs() - this.#env.clock.monotonicMs()
    const owner = (session?.owner ?? null) as Connection | null
    return {
      id,
      timeoutMs,
      expiresAtMs: decides ? Math.round(session.expiresAtMs + toWallMs) : null,
      ephemerals: database.tree.ephemeralCountOf(id),
      connection: owner === null ? null : connectionView(owner),
    }
  }

  ephemerals(session: bigint, most: number): string[] {
    return this.#server.database.tree.someEphemeralsOf(session, most)
  }

  watches(session: bigint, most: number): { readonly count: number; readonly paths: string[] } {
    const { pipeline } = this.#server
    const found = pipeline?.locals?.get(session) ?? pipeline?.sessions.get(session)
    const modes = (found?.owner as Connection | null | undefined)?.watchSet?.modes
    const paths: string[] = []
    for (const path of modes?.keys() ?? []) {
      if (paths.length === most) break
      paths.push(path)
    }
    return { count: modes?.size ?? 0, paths }
  }

  watchers(path: string, most: number): WatcherView[] {
    const { data, child } = this.#server.database.watches
    const sets = new Set<WatchSet>()
    for (const table of [data, child]) {
      for (const set of table.watching(path)) {
        if (sets.size === most) break
        sets.add(set)
      }
    }
    return Array.from(sets, ({ watcher, modes }) => {
      const flags = modes.get(path) ?? 0
      const kinds = new Set(WATCH_KINDS.filter((_kind, bit) => (flags & (1 << bit)) !== 0))
      const { remoteAddress, remotePort } = (watcher as Connection).socket
      return { session: watcher.sessionId, address: `${remoteAddress}:${remotePort}`, kinds: [...kinds] }
    })
  }

  get roles(): readonly RoleChange[] {
    return this.#server.roles.changes
  }

  history(path: string): Promise<ZnodeHistory | null> {
    const directory = join(resolve(this.#server.config.dataLogDir), 'version-2')
    return this.#histories.read({ directory, path, limits: HISTORY })
  }

  async auditLines(): Promise<string[] | null> {
    const { auditFile } = this.#server.config
    if (auditFile === null) return null
    const text = await endOf(this.#env.disk, auditFile, AUDIT_BYTES)
    return text.split('\n').slice(-MOST_AUDIT_LINES - 1, -1)
  }
}

/** The znode, or the last one above it that is there. What there is not may be named by a path of any length. */
function lastThere(tree: DataTree, path: string): number {
  const znode = tree.find(path)
  if (znode !== NONE) return znode
  let last = tree.find('/')
  for (let end = path.indexOf('/', 1); end > 0; end = path.indexOf('/', end + 1)) {
    const above = tree.find(path.slice(0, end))
    if (above === NONE) break
    last = above
  }
  return last
}

type Buckets = readonly { readonly elements: readonly Session[] }[]

/** The sessions that expire first. */
function firstOf(buckets: Buckets, most: number): Session[] {
  const found: Session[] = []
  for (const { elements } of buckets) {
    if (found.length >= most) break
    found.push(...elements.slice(0, most - found.length))
  }
  return found
}

/** The last bytes of a file, from the beginning of a line on; nothing if there is no such file. */
async function endOf(disk: Disk, path: string, most: number): Promise<string> {
  if ((await disk.stat(path)) === null) return ''
  const file = await disk.open(path, 'read')
  try {
    const size = await file.size()
    const from = Math.max(0, size - most)
    const text = Buffer.from(await file.read(from, size - from)).toString('utf8')
    return from === 0 ? text : text.slice(text.indexOf('\n') + 1)
  } finally {
    await file.close()
  }
}
