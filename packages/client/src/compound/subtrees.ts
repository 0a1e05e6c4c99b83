import { type CreateModeName, joinPath, KeeperError, parentOf } from '@vivarium/protocol'
import type { CreateOptions } from '../requests/arguments.ts'
import type { CallOptions } from '../requests/request.ts'
import type { ZooKeeper } from '../zookeeper.ts'

export interface EnsureOptions extends CallOptions {
  /** Of the znodes that are missing. Default: PERSISTENT; a CONTAINER goes by itself once its last child has. */
  readonly mode?: Extract<CreateModeName, 'PERSISTENT' | 'CONTAINER'> | undefined
  readonly acl?: CreateOptions['acl']
}

/** Creates the znode at the path and those above it, as far as they are missing. */
export async function ensurePath(zk: ZooKeeper, path: string, options: EnsureOptions): Promise<void> {
  for (;;) {
    try {
      // Doing it twice does no harm.
      await zk.create(path, { retry: true, ...options })
      return
    } catch (error) {
      if (KeeperError.is(error, 'NODEEXISTS')) return
      if (!KeeperError.is(error, 'NONODE') || path === '/') throw error
    }
    await ensurePath(zk, parentOf(path), options)
  }
}

/** Deletes a znode with all that is below it, znode by znode, while others may create and delete there. */
export async function deleteRecursive(zk: ZooKeeper, path: string, options: CallOptions): Promise<void> {
  const again = { retry: true, ...options }
  for (;;) {
    try {
      return await zk.delete(path, again)
    } catch (error) {
      if (KeeperError.is(error, 'NONODE')) return
      if (!KeeperError.is(error, 'NOTEMPTY')) throw error
    }
    try {
      const children = await zk.getChildren(path, options)
      await Promise.all(children.map((name) => deleteRecursive(zk, joinPath(path, name), options)))
    } catch (error) {
      if (!KeeperError.is(error, 'NONODE')) throw error
    }
  }
}
