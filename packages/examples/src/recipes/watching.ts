import { ZooKeeper } from '@vivarium/client'
import { childrenWatch, dataWatch } from '@vivarium/client/recipes'
import type { Example } from '../example.ts'

/** A znode, and the names below another, as they change. */
export const watching: Example = async (servers, say) => {
  await using zk = await ZooKeeper.connect(servers)
  await zk.create('/tap', { data: 'dry' })
  for await (const found of dataWatch(zk, '/tap')) {
    say(`it is ${found?.data}`)
    if (found?.data.toString() === 'wet') break
    await zk.setData('/tap', 'wet')
  }
  for await (const found of childrenWatch(zk, '/tap')) {
    say(`${found?.children.length} below it`)
    if (found?.children.length === 1) break
    await zk.create('/tap/drop')
  }
}
