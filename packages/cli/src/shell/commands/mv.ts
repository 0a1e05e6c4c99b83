import { KeeperError, Op, type WriteOp, type ZooKeeper } from '@vivarium/client'
import type { Call, Command } from '../command.ts'
import { CliError, checkPath } from '../failure.ts'
import type { Entry, TreeSource } from '../transfer/entry.ts'
import { ServerTree } from '../transfer/server-tree.ts'
import { refuseInside, write } from './cp.ts'

/** What goes into one multi: requests are a megabyte at most, unless servers are told otherwise. */
const MOST_ZNODES = 1000
const MOST_BYTES = 512 * 1024
const DELETES_AT_ONCE = 64

export const mv: Command = {
  name: 'mv',
  usage: '[-f] source target',
  summary:
    'moves a znode with all below it: at once, in one transaction, if it is small; with -f also a large one, which is copied ' +
    'and then deleted',
  options: { f: false },
  atLeast: 2,
  atMost: 2,
  async run(call) {
    const { zk, args, words, signal, print } = call
    const [source = '', target = ''] = words.map((path) => checkPath(path))
    refuseInside(source, target)
    const tree = new ServerTree(zk, source)
    const entries = await collect(tree, signal)
    if (tree.ephemerals > 0)
      throw new CliError(`there are ${tree.ephemerals} ephemerals at or below ${source}, which belong to sessions`)
    const bytes = entries.reduce((sum, entry) => sum + (entry.data?.length ?? 0) + 2 * entry.path.length + 100, 0)
    if (entries.length <= MOST_ZNODES && bytes <= MOST_BYTES) {
      await zk.multi(moves(entries, source, target), { signal })
      return print(`${entries.length} moved`, { moved: entries.length, atomic: true })
    }
    if (!args.has('f')) {
      throw new CliError(
        `${source} is too large to be moved at once (${entries.length} znodes); with -f it is copied, and then deleted`,
      )
    }
    await write(withoutForce(call), zk, target, listed(entries))
    await deleteUnchanged(zk, entries, source, signal)
    print(`${entries.length} moved`, { moved: entries.length, atomic: false })
  },
}

/** The option is mv's own, and overwrites nothing. */
const withoutForce = (call: Call): Call => ({ ...call, print: () => {}, args: call.args.without('f') })

async function collect(tree: ServerTree, signal: AbortSignal): Promise<Entry[]> {
  const entries: Entry[] = []
  for await (const batch of tree.batches(signal)) entries.push(...batch)
  return entries
}

function listed(entries: readonly Entry[]): TreeSource {
  return {
    ephemerals: 0,
    knowsModes: false,
    size: async () => entries.length,
    async *batches(signal) {
      for (let at = 0; at < entries.length; at += DELETES_AT_ONCE) {
        signal.throwIfAborted()
        yield entries.slice(at, at + DELETES_AT_ONCE)
      }
    },
  }
}

function moves(entries: readonly Entry[], source: string, target: string): WriteOp[] {
  const creates = entries.map(({ path, data, acl }) => Op.create(target + path, { data, acl }))
  // A znode whose data or children have changed meanwhile keeps all of it from happening.
  const deletes = entries.toReversed().map(({ path, version }) => Op.delete(source + path, { version }))
  return [...creates, ...deletes]
}

/** Deletes the copied znodes, children first, unless one of them has changed since. @throws {CliError} */
async function deleteUnchanged(
  zk: ZooKeeper,
  entries: readonly Entry[],
  source: string,
  signal: AbortSignal,
): Promise<void> {
  const paths = entries.toReversed()
  for (let at = 0; at < paths.length; at += DELETES_AT_ONCE) {
    signal.throwIfAborted()
    const some = paths.slice(at, at + DELETES_AT_ONCE)
    const outcomes = await Promise.allSettled(some.map(({ path, version }) => zk.delete(source + path, { version })))
    for (const [i, outcome] of outcomes.entries()) {
      if (outcome.status === 'fulfilled' || KeeperError.is(outcome.reason, 'NONODE')) continue
      if (!KeeperError.is(outcome.reason, 'BADVERSION', 'NOTEMPTY')) throw outcome.reason
      throw new CliError(
        `all is copied, but ${source}${some[i]?.path} has changed since: what is left of ${source} stays`,
      )
    }
  }
}
