import { ZooKeeper } from '@vivarium/client'
import { SetPartitioner } from '@vivarium/client/recipes'
import type { Example } from '../example.ts'

/** Logs are divided among those who read them. */
export const setPartitioner: Example = async (servers, say) => {
  await using zk = await ZooKeeper.connect(servers)
  const partitioner = new SetPartitioner(zk, '/partitions/logs', ['a', 'b', 'c'], { id: 'reader', settleMs: 1 })
  for await (const { items } of partitioner.shares()) {
    say(`alone it reads ${items.join(', ')}`)
    break // Others would have these now; the loop goes on with another share whenever someone comes or goes.
  }
}
