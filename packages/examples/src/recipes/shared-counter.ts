import { ZooKeeper } from '@vivarium/client'
import { SharedCounter } from '@vivarium/client/recipes'
import type { Example } from '../example.ts'

/** Visitors are counted by all servers of a site. */
export const sharedCounter: Example = async (servers, say) => {
  await using zk = await ZooKeeper.connect(servers)
  const visits = new SharedCounter(zk, '/counters/visits')
  await Promise.all([1, 2, 3].map(() => new SharedCounter(zk, '/counters/visits').add(1)))
  say(`${await visits.get()} visitors`)
  say(`set back: ${await visits.compareAndSet(3, 0)}, and once more: ${await visits.compareAndSet(3, 0)}`)
}
