import { NONE } from '@vivarium/core'
import type { Server } from './server.ts'

/**
 * The names of a znode's children, in no particular order, in pieces between which the tree may change: what is created
 * meanwhile is not told. Whoever asks sees to it that they may be told.
 *
 * @param most names in a piece; a thousand take about a tenth of a millisecond
 * @returns whether these were all: false where there is no such znode, or what had come so far went away with the tree or a znode
 */
export function* childNames(
  server: Pick<Server, 'database'>,
  path: string,
  most: number,
): Generator<readonly string[], boolean> {
  const { tree } = server.database
  const parent = tree.find(path)
  if (parent === NONE) return false
  // Children stand in a list, at whose beginning new ones are put: from a znode that still is where it was, it leads to the rest.
  let child = tree.firstChild(parent)
  while (child !== NONE) {
    const names: string[] = []
    for (; child !== NONE && names.length < most; child = tree.nextSibling(child)) names.push(tree.nameOf(child))
    const czxid = child === NONE ? 0 : tree.czxid(child)
    yield names
    if (child === NONE) continue
    const isThere = tree === server.database.tree && tree.isLive(child)
    if (!isThere || tree.parentOf(child) !== parent || tree.czxid(child) !== czxid) return false
  }
  return true
}
