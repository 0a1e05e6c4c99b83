import type { Random } from '@vivarium/env'
import { joinPath, KeeperError, parentOf } from '@vivarium/protocol'
import { ClosedError, RequestError } from '../errors.ts'
import { uuid } from '../random.ts'
import type { CreateOptions } from '../requests/arguments.ts'
import type { CallOptions } from '../requests/request.ts'
import type { Created } from '../requests/results.ts'
import type { ZooKeeper } from '../zookeeper.ts'

type Create = (path: string, options: CreateOptions & CallOptions) => Promise<Created>

/** A znode of such a name was created with protection: `_c_`, 36 characters of a UUID, `-`, its own name (Curator). */
const PROTECTED = /^_c_[0-9a-f-]{36}-/

/** The name of a znode without what protection put in front. */
export function unprotectedName(name: string): string {
  return name.replace(PROTECTED, '')
}

/**
 * Creates a znode whose name carries an id that nobody else has. If the reply is lost, the id tells whether the znode was
 * created; so it is there exactly once. If the caller gives up meanwhile, it is removed again.
 */
export async function createProtected(
  zk: ZooKeeper,
  path: string,
  options: CreateOptions & CallOptions,
  random: Random,
  create: Create,
): Promise<Created> {
  const slash = path.lastIndexOf('/')
  const prefix = `_c_${uuid(random)}-`
  const marked = `${path.slice(0, slash + 1)}${prefix}${path.slice(slash + 1)}`
  const parent = parentOf(marked)
  let how = options
  let lost: unknown = null
  for (;;) {
    try {
      return await create(marked, how)
    } catch (error) {
      // Not known: it may be there, or be applied yet.
      if (!KeeperError.is(error, 'CONNECTIONLOSS')) {
        if (leavesDoubt(error, options)) void remove(zk, parent, prefix)
        throw error
      }
      lost = error
    }
    // Whatever is done from here on is about that session's znode.
    how = { ...options, session: options.session ?? zk.session ?? undefined }
    try {
      const found = await find(zk, parent, prefix, how)
      if (found !== null) return found
    } catch (error) {
      void remove(zk, parent, prefix)
      throw afterLoss(error, lost)
    }
  }
}

/** What the search for a znode failed with, as said of its creation, whose answer was lost. */
function afterLoss(error: unknown, lost: unknown): unknown {
  if (!(lost instanceof RequestError) || KeeperError.is(error, 'NONODE')) return error
  if (error instanceof ClosedError) return new ClosedError(error.cause, lost.maybeApplied)
  if (!(error instanceof RequestError)) return error
  return new RequestError(error.code, lost.path, lost, { cause: error })
}

/** The caller has turned away from a request that may have left. */
function leavesDoubt(error: unknown, { signal }: CallOptions): boolean {
  return (signal?.aborted && error === signal.reason) || KeeperError.is(error, 'REQUESTTIMEOUT')
}

/**
 * The znode with the id, if it was created. After a sync: the server may be another one than the one that took the
 * request, and behind it.
 */
async function find(zk: ZooKeeper, parent: string, prefix: string, options: CallOptions): Promise<Created | null> {
  const { signal, timeoutMs, session } = options
  const how = { signal, timeoutMs, session }
  const [, children] = await Promise.all([zk.sync(parent, how), zk.getChildren(parent, how)])
  const name = children.find((child) => child.startsWith(prefix))
  if (name === undefined) return null
  const path = joinPath(parent, name)
  const stat = await zk.exists(path, how)
  return stat === null ? null : { path, stat }
}

/** Removes what nobody knows of, for as long as the session lives: after it, an ephemeral one is gone by itself. */
async function remove(zk: ZooKeeper, parent: string, prefix: string): Promise<void> {
  const session = zk.session ?? undefined
  for (;;) {
    try {
      const [, children] = await Promise.all([zk.sync(parent, { session }), zk.getChildren(parent, { session })])
      const name = children.find((child) => child.startsWith(prefix))
      if (name !== undefined) await zk.delete(joinPath(parent, name), { session })
      return
    } catch (error) {
      if (!KeeperError.is(error, 'CONNECTIONLOSS', 'REQUESTTIMEOUT')) return
    }
  }
}
