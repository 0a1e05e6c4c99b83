import { joinPath, KeeperError, type ZooKeeper } from '@vivarium/client'
import { boundedChildren } from '../children/bounded-children.ts'
import { badRequest, Problem } from '../http/problem.ts'

/** So many requests are under way at once. */
const AT_ONCE = 64

/**
 * Deletes a znode with all that is below it: znode by znode, the lowest first. What others create there meanwhile may be left.
 *
 * @param most if there are more, none is deleted
 * @returns what it found, those above before those below; and how many of them it deleted itself
 */
export async function deleteSubtree(
  zk: ZooKeeper,
  path: string,
  most: number,
  dryRun: boolean,
): Promise<{ readonly paths: readonly string[]; readonly deleted: number }> {
  if (path === '/') throw badRequest('the root is not deleted', { path })
  const paths = await subtree(zk, path, most)
  if (dryRun) return { paths, deleted: 0 }
  let deleted = 0
  // Requests of one connection are carried out in their order, and so none has to wait for another's answer.
  for (let end = paths.length; end > 0; end -= AT_ONCE) {
    const chunk = paths.slice(Math.max(0, end - AT_ONCE), end).reverse()
    const gone = await Promise.allSettled(chunk.map((each) => zk.delete(each)))
    for (const outcome of gone) {
      if (outcome.status === 'fulfilled') deleted++
      else if (!KeeperError.is(outcome.reason, 'NONODE')) throw outcome.reason
    }
  }
  return { paths, deleted }
}

async function subtree(zk: ZooKeeper, path: string, most: number): Promise<string[]> {
  const paths = [path]
  for (let next = 0; next < paths.length; ) {
    const chunk = paths.slice(next, next + AT_ONCE)
    next += chunk.length
    const found = await Promise.all(chunk.map((each) => boundedChildren(zk, each, most)))
    for (const [i, there] of found.entries()) {
      // What is gone meanwhile has nothing below it.
      if (there === null && chunk[i] === path) throw new Problem(404, 'NoNode', `there is no znode ${path}`, { path })
      const names = there === null ? [] : there.names
      if (names === null || paths.length + names.length > most) {
        throw new Problem(409, 'TooMany', `there are more than ${most} znodes: none was deleted`, { path })
      }
      for (const name of names) paths.push(joinPath(chunk[i] as string, name))
    }
  }
  return paths
}
