import { KeeperError } from '@vivarium/protocol'
import type { Children } from '../../requests/results.ts'
import type { ZooKeeper } from '../../zookeeper.ts'

/**
 * The names of a znode's children: as they are now, and each time they have changed; null while there is no such znode.
 * What kazoo's ChildrenWatch calls a function with. A loop that is slow gets fewer, and always the last.
 *
 * @example
 * for await (const found of childrenWatch(zk, '/workers')) console.log(found?.children ?? [])
 */
export async function* childrenWatch(
  zk: ZooKeeper,
  path: string,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): AsyncGenerator<Children | null, void> {
  /** The transaction that last changed what was told; null: nothing was there; undefined: nothing was told yet. */
  let told: number | null | undefined
  for await (const event of zk.watch(path, { signal })) {
    if (event.type === 'NodeDataChanged') continue
    if (event.type !== 'resync' && told != null && event.zxid !== -1 && event.zxid <= told) continue
    const found = await read(zk, path, signal)
    // Of a znode that was created anew it is greater, too.
    const pzxid = found?.stat.pzxid ?? null
    if (pzxid === told) continue
    told = pzxid
    yield found
  }
}

async function read(zk: ZooKeeper, path: string, signal: AbortSignal | undefined): Promise<Children | null> {
  try {
    return await zk.getChildren2(path, { signal, acrossSessions: true, timeoutMs: Number.POSITIVE_INFINITY })
  } catch (error) {
    if (KeeperError.is(error, 'NONODE')) return null
    throw error
  }
}
