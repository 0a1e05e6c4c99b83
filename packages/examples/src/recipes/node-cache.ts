import { ZooKeeper } from '@vivarium/client'
import { NodeCache } from '@vivarium/client/recipes'
import type { Example } from '../example.ts'

/** A message of the day, at hand. */
export const nodeCache: Example = async (servers, say) => {
  await using zk = await ZooKeeper.connect(servers)
  await zk.create('/motd', { data: 'mind the step' })
  await using motd = await NodeCache.start(zk, '/motd')
  say(`${motd.node?.data}`)
  await zk.setData('/motd', 'the step is mended')
  await motd.sync() // From here on it has what was written before.
  say(`${motd.node?.data}`)
}
