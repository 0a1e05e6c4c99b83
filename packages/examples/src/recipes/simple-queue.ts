import { ZooKeeper } from '@vivarium/client'
import { Queue } from '@vivarium/client/recipes'
import type { Example } from '../example.ts'

/** First in, first out, each item to one taker. */
export const simpleQueue: Example = async (servers, say) => {
  await using zk = await ZooKeeper.connect(servers)
  const letters = new Queue(zk, '/queues/letters')
  for (const letter of ['a', 'b', 'c']) await letters.put(letter)
  say(`${await letters.take()}, ${await letters.take()}; ${await letters.size()} is left`)
}
