import { ZooKeeper } from '@vivarium/client'
import { PriorityQueue } from '@vivarium/client/recipes'
import type { Example } from '../example.ts'

/** What is urgent comes first. */
export const priorityQueue: Example = async (servers, say) => {
  await using zk = await ZooKeeper.connect(servers)
  const orders = new PriorityQueue(zk, '/queues/orders')
  await orders.put('sometime', 100)
  await orders.put('urgent', 1)
  say(`${await orders.take()}, then ${await orders.take()}`)
}
