import { ZooKeeper } from '@vivarium/client'
import { SequenceGenerator } from '@vivarium/client/recipes'
import type { Example } from '../example.ts'

/** Order numbers that nobody gets twice, taken ten at a time. */
export const sequenceGenerator: Example = async (servers, say) => {
  await using zk = await ZooKeeper.connect(servers)
  const [here, there] = [1, 2].map(() => new SequenceGenerator(zk, '/sequences/orders', { blockSize: 10 }))
  say(`${await here?.next()}, ${await here?.next()}, ${await there?.next()}, ${await here?.next()}`)
}
