import { ZooKeeper } from '@vivarium/client'
import { PersistentTtlNode } from '@vivarium/client/recipes'
import type { Example } from '../example.ts'

/** A job that is known to run for as long as somebody says so, and a minute more. */
export const persistentTtlNode: Example = async (servers, say) => {
  await using zk = await ZooKeeper.connect(servers)
  await using job = await PersistentTtlNode.start(zk, '/jobs/nightly', { ttlMs: 60_000, data: 'running' })
  const children = await zk.getChildren(job.path)
  say(`${(await zk.getData(job.path)).data}, kept by ${children}`)
}
