import { RawClient } from '../raw-client.ts'
import { type ServerKind, ServerProcess } from '../server-process.ts'
import { describeZnode, differences, walkTree } from '../tree-walk.ts'
import type { Configuration } from './configurations.ts'
import { inExplainedOrder, isCountedAnew } from './explained.ts'
import { type Entry, Player } from './player.ts'
import { requestCount, type Step } from './script.ts'
import { SUPER_USER } from './vocabulary.ts'

/** What two servers did differently. */
export interface Difference {
  /** The step at which it showed; `null` where only the trees at the end differ. */
  step: number | null
  slot: number | null
  theirs: string
  ours: string
  /** What both did on that connection just before. */
  before: string[]
}

export interface Comparison {
  requests: number
  difference: Difference | null
}

/** How two servers are to be set up and told apart. */
export interface Contest extends Configuration {
  theirs: ServerKind
  ours: ServerKind
}

/** Steps between two points at which all that was written down is compared. */
const SETTLE_EVERY = 50

/**
 * Starts both servers afresh, plays the script to both and compares what they did and the trees they end with: as they are,
 * and as they come back from the disk.
 */
export async function compareServers(contest: Contest, script: Iterable<Step>): Promise<Comparison> {
  const servers: ServerProcess[] = []
  try {
    for (const kind of [contest.theirs, contest.ours]) servers.push(await ServerProcess.start(kind, contest.options))
    const players = await Promise.all(servers.map((server) => Player.begin(server.port)))
    const [theirs, ours] = players
    const result = await playBoth(theirs!, ours!, script)
    if (result.difference === null) result.difference = await compareTrees(servers, players, contest.hasSuper)
    theirs!.end()
    ours!.end()
    for (const server of servers) {
      if (server.ended === null) continue
      const told = `the ${server.kind.name} server ended (${server.ended}):\n${server.logTail()}`
      const { difference } = result
      if (difference === null) result.difference = { step: null, slot: null, theirs: told, ours: told, before: [] }
      else if (server.kind === contest.ours) difference.ours += `\n${told}`
      else difference.theirs += `\n${told}`
    }
    if (result.difference === null) result.difference = await compareRestarted(contest, servers, players)
    return result
  } finally {
    await Promise.all(servers.map((server) => server.dispose()))
  }
}

async function compareRestarted(
  contest: Contest,
  servers: readonly ServerProcess[],
  players: readonly Player[],
): Promise<Difference | null> {
  const restarted: ServerProcess[] = []
  try {
    for (const server of servers) {
      await server.stop()
      restarted.push(await ServerProcess.start(server.kind, { ...contest.options, directory: server.directory }))
    }
    const difference = await compareTrees(restarted, players, contest.hasSuper, isCountedAnew)
    if (difference === null) return null
    return { ...difference, before: ['stopped and started again'] }
  } finally {
    await Promise.all(restarted.map((server) => server.dispose()))
  }
}

async function playBoth(theirs: Player, ours: Player, script: Iterable<Step>): Promise<Comparison> {
  let requests = 0
  let index = 0
  for (const step of script) {
    await Promise.all([theirs.play(step, index), ours.play(step, index)])
    requests += requestCount(step)
    index++
    if (index % SETTLE_EVERY !== 0 && !theirs.stuck && !ours.stuck) continue
    const difference = await settleBoth(theirs, ours)
    if (difference !== null) return { requests, difference }
  }
  return { requests, difference: await settleBoth(theirs, ours) }
}

async function settleBoth(theirs: Player, ours: Player): Promise<Difference | null> {
  const [theirEntries, ourEntries] = await Promise.all([theirs.settle(), ours.settle()])
  let first: Difference | null = null
  for (let slot = 0; slot < Math.max(theirEntries.length, ourEntries.length); slot++) {
    const left = ordered(theirEntries[slot] ?? [], theirs.closings)
    const right = ordered(ourEntries[slot] ?? [], ours.closings)
    const found = firstDifference(left, right, slot)
    if (found !== null && (first === null || (found.step ?? 0) < (first.step ?? 0))) first = found
  }
  theirs.stuck = false
  ours.stuck = false
  return first
}

/**
 * The ephemerals of a closed session go in the order of a hash table, so its events have no order: they are sorted. All
 * others keep theirs.
 */
function ordered(entries: Entry[], closings: ReadonlySet<bigint>): Entry[] {
  const result: Entry[] = []
  for (let at = 0; at < entries.length; ) {
    const zxid = entries[at]!.eventZxid
    let end = at + 1
    if (zxid !== null && closings.has(zxid)) {
      while (end < entries.length && entries[end]!.eventZxid === zxid) end++
    }
    const group = entries.slice(at, end)
    result.push(...(group.length > 1 ? group.sort((a, b) => (a.text < b.text ? -1 : 1)) : group))
    at = end
  }
  return result
}

function firstDifference(theirs: readonly Entry[], ours: readonly Entry[], slot: number): Difference | null {
  for (let at = 0; at < Math.max(theirs.length, ours.length); at++) {
    const left = theirs[at]
    const right = ours[at]
    if (left?.text === right?.text) continue
    const before = theirs.slice(Math.max(0, at - 12), at).map((entry) => entry.text)
    const step = Math.min(left?.step ?? Number.POSITIVE_INFINITY, right?.step ?? Number.POSITIVE_INFINITY)
    return { step, slot, theirs: left?.text ?? 'nothing', ours: right?.text ?? 'nothing', before }
  }
  return null
}

async function compareTrees(
  servers: readonly ServerProcess[],
  players: readonly Player[],
  hasSuper: boolean,
  isPassedOver: (path: string) => boolean = () => false,
): Promise<Difference | null> {
  const trees = await Promise.all(
    servers.map(async (server, at) => {
      const { naming } = players[at]!
      const client = await RawClient.connect(server.port)
      if (hasSuper) await client.addAuth('digest', SUPER_USER)
      const znodes = (await walkTree(client)).filter(({ path }) => !isPassedOver(path))
      const lines = znodes.map((znode) =>
        describeZnode(znode, {
          zxid: (zxid) => naming.zxid(zxid),
          time: (zxid, time) => naming.time(zxid, time),
          owner: (id) => naming.owner(id),
          acl: inExplainedOrder,
        }),
      )
      await client.close()
      return lines
    }),
  )
  const found = differences(trees[0]!, trees[1]!)
  if (found.length === 0) return null
  const shown = (sign: string) =>
    found
      .filter((line) => line.startsWith(sign))
      .slice(0, 10)
      .join('\n')
  return { step: null, slot: null, theirs: shown('-') || 'nothing', ours: shown('+') || 'nothing', before: [] }
}
