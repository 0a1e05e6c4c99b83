import { ANY_MODE, type WatchSet } from './watch-set.ts'
import type { WatchTable } from './watch-table.ts'

/** How many entries are looked at before a portion is handed over: whoever asked can pause between two of them. */
const PORTION = 32

/** The counts that `wchs` shows. */
export interface WatchSummary {
  readonly connections: number
  readonly paths: number
  readonly watches: number
}

/**
 * The counts of a table. Java's `wchs` is given the data table, and counts connections whose watches have all fired as
 * well; here only those that watch something are counted.
 */
export function watchSummary(table: WatchTable): WatchSummary {
  return { connections: table.connectionCount, paths: table.pathCount, watches: table.size }
}

/**
 * For each path the sessions that watch it (`wchp`), in portions: those of one path may come in several. The table may
 * change while it is walked; what changes meanwhile is in it or not.
 */
export function* watchesByPath(table: WatchTable): Iterable<readonly [path: string, sessionIds: readonly bigint[]]> {
  for (const [path, watchers] of table.entries()) {
    if (!(watchers instanceof Set)) {
      yield [path, [watchers.watcher.sessionId]]
      continue
    }
    let portion: bigint[] = []
    for (const { watcher } of watchers) {
      portion.push(watcher.sessionId)
      if (portion.length < PORTION) continue
      yield [path, portion]
      portion = []
    }
    if (portion.length > 0) yield [path, portion]
  }
}

/**
 * For each session the paths that it has data watches on (`wchc`), in portions: those of one session may come in
 * several, of which some are empty. Watches may come and go while they are walked.
 */
export function* watchesBySession(
  table: WatchTable,
  watchSets: Iterable<WatchSet>,
): Iterable<readonly [sessionId: bigint, paths: readonly string[]]> {
  for (const set of watchSets) {
    if (!table.has(set)) continue
    const { sessionId } = set.watcher
    let seen = 0
    let portion: string[] = []
    for (const path of set.modes.keys()) {
      if (table.contains(path, set, ANY_MODE)) portion.push(path)
      if (++seen % PORTION !== 0) continue
      yield [sessionId, portion]
      portion = []
    }
    if (portion.length > 0) yield [sessionId, portion]
  }
}
