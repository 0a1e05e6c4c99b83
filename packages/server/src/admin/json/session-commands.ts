import type { AdminView } from '../view.ts'
import { type AdminCommand, query } from './command.ts'
import { connectionsOf, fullConnection } from './connection.ts'
import { Entries, Items, type Json } from './json.ts'

const connectionStatReset = query(['connection_stat_reset', 'crst'], (view) => {
  for (const connection of view.connections()) connection.stats.reset()
  return {}
})

const connections = query(['connections', 'cons'], (view) => ({
  connections: new Items(map(connectionsOf(view, false), fullConnection)),
  secure_connections: new Items(map(connectionsOf(view, true), fullConnection)),
}))

/** Where a leader decides which sessions expire, no other member knows when. */
const dump = query(['dump'], (view) => ({
  expiry_time_to_session_ids: new Entries(expiries(view)),
  session_id_to_ephemeral_paths: new Entries(
    map(view.ephemerals(), ([session, paths]) => [signed(session), new Items(paths)] as const),
  ),
}))

function* expiries(view: AdminView): Iterable<readonly [string, Json]> {
  if ((view.member?.globalSessions ?? null) !== null) return
  const merged = new Map<number, readonly bigint[]>()
  for (const { expiresAtMs, elements } of [...view.sessionBuckets(), ...(view.localSessionBuckets() ?? [])]) {
    const timeMs = Math.trunc(expiresAtMs)
    merged.set(timeMs, [...(merged.get(timeMs) ?? []), ...elements])
  }
  for (const timeMs of [...merged.keys()].sort((a, b) => a - b)) yield [String(timeMs), merged.get(timeMs) ?? []]
}

const watches = query(['watches', 'wchc'], (view) => ({
  session_id_to_watched_paths: new Entries(grouped(view.watchesBySession(), signed)),
}))

const watchesByPath = query(['watches_by_path', 'wchp'], (view) => ({
  path_to_session_ids: new Entries(grouped(view.watchesByPath(), (path) => path)),
}))

const watchSummary = query(['watch_summary', 'wchs'], (view) => {
  const { connections, paths, watches } = view.watchSummary()
  return { num_connections: connections, num_paths: paths, num_total_watches: watches }
})

/** Sessions, their connections, their watches and their ephemeral znodes. */
export const sessionCommands: readonly AdminCommand[] = [
  connectionStatReset,
  connections,
  dump,
  watches,
  watchesByPath,
  watchSummary,
]

/** A session id is a signed number in Java. */
const signed = (session: bigint): string => String(BigInt.asIntN(64, session))

/** Puts together what comes in portions, one key several times in a row; keys without values are left out. */
function* grouped<Key, Value extends Json>(
  portions: Iterable<readonly [key: Key, values: readonly Value[]]>,
  nameOf: (key: Key) => string,
): Iterable<readonly [string, Json]> {
  let name = ''
  let values: Value[] = []
  let last: Key | null = null
  for (const [key, more] of portions) {
    if (key === last) {
      for (const value of more) values.push(value)
      continue
    }
    if (values.length > 0) yield [name, values]
    name = nameOf(key)
    values = [...more]
    last = key
  }
  if (values.length > 0) yield [name, values]
}

function* map<From, To>(items: Iterable<From>, to: (item: From) => To): Iterable<To> {
  for (const item of items) yield to(item)
}
