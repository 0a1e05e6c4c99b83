import { KeeperError } from '@vivarium/protocol'
import type { CallOptions } from '../requests/request.ts'
import type { ZooKeeper } from '../zookeeper.ts'
import { REVOKE_MESSAGE } from './support/owned-node.ts'

/**
 * Asks the holder of a lock to give it back: its `revocation` signal aborts, if it is a holding of this client's recipes,
 * or its RevocationListener is called, if it is Curator's. To heed it or not is up to the holder.
 *
 * @param path the holder's znode: `(await mutex.contenders())[0].path`
 * @returns false if it has gone meanwhile
 * @example
 * const [holder] = await mutex.contenders()
 * if (holder !== undefined) await requestRevocation(zk, holder.path)
 */
export async function requestRevocation(zk: ZooKeeper, path: string, options?: CallOptions): Promise<boolean> {
  try {
    await zk.setData(path, REVOKE_MESSAGE, { retry: true, ...options })
    return true
  } catch (error) {
    if (KeeperError.is(error, 'NONODE')) return false
    throw error
  }
}
