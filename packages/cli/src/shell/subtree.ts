import { joinPath, KeeperError, type Watcher, type ZooKeeper } from '@vivarium/client'

/**
 * Visits a znode and all below it: the children of each, sorted, before those of the first of them
 * (`ZKUtil.visitSubTreeDFS`). What is deleted meanwhile is passed over.
 *
 * @throws {KeeperError} NONODE if the first is not there
 */
export async function visitSubtree(
  zk: ZooKeeper,
  path: string,
  watcher: Watcher | undefined,
  visit: (path: string) => void | Promise<void>,
): Promise<void> {
  await zk.getData(path, { watcher })
  await visit(path)
  await visitChildren(zk, path, watcher, visit)
}

async function visitChildren(
  zk: ZooKeeper,
  path: string,
  watcher: Watcher | undefined,
  visit: (path: string) => void | Promise<void>,
): Promise<void> {
  const children = await childrenOf(zk, path, watcher)
  for (const child of children) await visit(child)
  for (const child of children) await visitChildren(zk, child, watcher, visit)
}

/** The paths of a znode's children, sorted; none if it is gone. */
export async function childrenOf(zk: ZooKeeper, path: string, watcher?: Watcher): Promise<string[]> {
  try {
    return (await zk.getChildren(path, { watcher })).sort().map((name) => joinPath(path, name))
  } catch (error) {
    if (KeeperError.is(error, 'NONODE')) return []
    throw error
  }
}

/** A znode and all below it, parents before children, level by level. @throws {KeeperError} NONODE if one is not there */
export async function listSubtree(zk: ZooKeeper, path: string): Promise<string[]> {
  const paths = [path]
  for (let from = 0; from < paths.length; ) {
    const level = paths.slice(from, from + 256)
    from += level.length
    const names = await Promise.all(level.map((parent) => zk.getChildren(parent)))
    for (const [i, children] of names.entries()) {
      for (const name of children) paths.push(joinPath(level[i] as string, name))
    }
  }
  return paths
}
