import { joinPath, KeeperError, nameOf, parentOf } from '@vivarium/protocol'
import { orAborted } from '../../compound/or-aborted.ts'
import type { CreateOptions, DataInput } from '../../requests/arguments.ts'
import type { CallOptions } from '../../requests/request.ts'
import type { ZooKeeper } from '../../zookeeper.ts'
import { OwnershipLostError } from './errors.ts'
import { type Certainty, Holding } from './holding.ts'
import { OwnedNode } from './owned-node.ts'
import { inSequence, predecessor, sequenceOf } from './sequence.ts'
import { acrossSessions, connectedSession, within } from './waiting.ts'

/** How contenders for one thing are named. */
export interface Queue {
  readonly directory: string
  /** What our own znodes are called, before the number. */
  readonly name: string
  /** The names of those that go before us if their number is smaller. */
  readonly blockers: readonly string[]
}

export interface ContendOptions {
  readonly data?: DataInput | undefined
  readonly acl?: CreateOptions['acl']
  readonly certainty?: Certainty | undefined
  /** Whether to wait for the turn. Otherwise the result is null if it is not ours at once. Default true. */
  readonly wait?: boolean | undefined
}

/** One who contends, or holds. */
export interface Contender {
  readonly path: string
  /** What it says of itself: its znode's data. */
  readonly data: Buffer
}

/**
 * Queues, and waits for the turn. Each contender watches only the one before it. A place is lost with its session: then
 * it queues anew in the next one. If the signal aborts, the place is given up.
 */
export function contend(
  zk: ZooKeeper,
  queue: Queue,
  options: ContendOptions,
  signal: AbortSignal,
): Promise<Holding | null> {
  const { data, acl } = options
  return acrossSessions(zk, signal, async (session) => {
    const how = { mode: 'EPHEMERAL_SEQUENTIAL', data, acl } as const
    const node = await OwnedNode.create(zk, joinPath(queue.directory, queue.name), session, how, signal)
    try {
      const holding = await takeTurn(node, queue, options, signal)
      if (holding === null) await node.remove()
      return holding
    } catch (error) {
      void node.remove().catch(() => {}) // Whoever gave up is not to wait for it.
      throw error
    }
  })
}

/** {@link contend}, within the caller's signal and timeout. */
export async function contendWithin(
  zk: ZooKeeper,
  queue: Queue,
  options: ContendOptions & { readonly signal?: AbortSignal | undefined; readonly timeoutMs?: number | undefined },
): Promise<Holding> {
  return (await within(zk, queue.directory, options, (signal) => contend(zk, queue, options, signal))) as Holding
}

/**
 * Waits until nobody is before the znode. That the connection stands at that moment is part of it: a turn that came while
 * it was lost is looked at again (CURATOR-504).
 *
 * @throws {OwnershipLostError} if the znode was deleted by someone else
 */
export async function takeTurn(
  node: OwnedNode,
  { blockers, name }: Queue,
  { certainty, wait = true }: ContendOptions,
  signal: AbortSignal,
): Promise<Holding | null> {
  const { zk, path } = node
  const directory = parentOf(path)
  const sequence = sequenceOf(node.name, [name]) as number
  for (;;) {
    const [names] = await Promise.all([
      zk.getChildren(directory, node.call(signal)),
      orAborted(node.watch(), signal), // The watch is for as long as the znode is there, whoever asked for it first.
    ])
    // Nobody before us can be missing in the list: our own znode is younger, and the server knows that.
    if (!names.includes(nameOf(path))) throw new OwnershipLostError(path, 'deleted')
    const ahead = predecessor(names, sequence, blockers)
    if (ahead === null) {
      const holding = new Holding(node, certainty)
      if (holding.isHeld) return holding
      await connectedSession(zk, signal)
    } else {
      if (!wait) return null
      await zk.waitForDeletion(joinPath(directory, ahead), node.call(signal))
    }
  }
}

/** Those who contend, in their order: the first has its turn. */
export async function contenders(
  zk: ZooKeeper,
  directory: string,
  markers: readonly string[],
  options: CallOptions | undefined,
): Promise<Contender[]> {
  const found: Contender[] = []
  const names = await childrenOf(zk, directory, options)
  for (const name of inSequence(names, markers)) {
    const path = joinPath(directory, name)
    try {
      const { data } = await zk.getData(path, options)
      found.push({ path, data })
    } catch (error) {
      if (!KeeperError.is(error, 'NONODE')) throw error // It has left meanwhile.
    }
  }
  return found
}

/** The names of the children; none where there is no such znode. */
export async function childrenOf(zk: ZooKeeper, path: string, options?: CallOptions): Promise<string[]> {
  try {
    return await zk.getChildren(path, options)
  } catch (error) {
    if (KeeperError.is(error, 'NONODE')) return []
    throw error
  }
}
