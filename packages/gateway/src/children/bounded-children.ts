import type { Stat, ZooKeeper } from '@vivarium/client'

/** What is known of a znode and what is directly below it. */
export interface BoundedChildren {
  readonly stat: Stat
  /** Null: there are too many of them. They were not read. */
  readonly names: readonly string[] | null
}

/**
 * The names below a znode, unless they are very many: a folder of a million is megabytes, which would keep the server from
 * others. Znodes without any, which most are, cost one request.
 *
 * @returns null if the znode is not there
 */
export async function boundedChildren(zk: ZooKeeper, path: string, most: number): Promise<BoundedChildren | null> {
  const stat = await zk.exists(path)
  if (stat === null) return null
  if (stat.numChildren === 0) return { stat, names: [] }
  if (stat.numChildren > most) return { stat, names: null }
  const read = await zk.getChildren2(path)
  return { stat: read.stat, names: read.children }
}
