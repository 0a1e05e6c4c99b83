import { KeeperError } from '@vivarium/protocol'
import type { Data } from '../../requests/results.ts'
import type { ZooKeeper } from '../../zookeeper.ts'

/**
 * The data of a znode: as they are now, and each time they have changed; null while there is no such znode. What kazoo's
 * DataWatch calls a function with. A loop that is slow gets fewer, and always the last.
 *
 * @example
 * for await (const found of dataWatch(zk, '/motd')) console.log(found?.data.toString() ?? 'none')
 */
export async function* dataWatch(
  zk: ZooKeeper,
  path: string,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): AsyncGenerator<Data | null, void> {
  /** The transaction that made what was told last; null: nothing was there; undefined: nothing was told yet. */
  let told: number | null | undefined
  for await (const event of zk.watch(path, { signal })) {
    if (event.type === 'NodeChildrenChanged') continue
    if (event.type !== 'resync' && told != null && event.zxid !== -1 && event.zxid <= told) continue
    const found = await read(zk, path, signal)
    const mzxid = found?.stat.mzxid ?? null
    if (mzxid === told) continue
    told = mzxid
    yield found
  }
}

async function read(zk: ZooKeeper, path: string, signal: AbortSignal | undefined): Promise<Data | null> {
  try {
    return await zk.getData(path, { signal, acrossSessions: true, timeoutMs: Number.POSITIVE_INFINITY })
  } catch (error) {
    if (KeeperError.is(error, 'NONODE')) return null
    throw error
  }
}
