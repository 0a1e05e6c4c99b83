import { Op, ZooKeeper } from '@vivarium/client'
import { PathCache } from '@vivarium/client/recipes'
import type { Example } from '../example.ts'

/** The workers that there are, at hand. */
export const pathCache: Example = async (servers, say) => {
  await using zk = await ZooKeeper.connect(servers)
  await zk.multi([Op.create('/workers'), Op.create('/workers/ada'), Op.create('/workers/bob')])
  await using workers = await PathCache.start(zk, '/workers')
  say(
    [...workers.entries()]
      .map(([name]) => name)
      .sort()
      .join(', '),
  )
  await zk.delete('/workers/bob')
  await workers.sync()
  say([...workers.entries()].map(([name]) => name).join(', '))
}
