import { ZooKeeper } from '@vivarium/client'
import { Barrier } from '@vivarium/client/recipes'
import type { Example } from '../example.ts'

/** Everyone waits while something is under repair. */
export const barrier: Example = async (servers, say) => {
  await using zk = await ZooKeeper.connect(servers)
  const barrier = new Barrier(zk, '/barriers/repair')
  await barrier.close()
  const waiting = [1, 2].map(async (worker) => {
    await new Barrier(zk, '/barriers/repair').wait({ timeoutMs: 10_000 })
    return `worker ${worker} goes on`
  })
  say('repaired')
  await barrier.open()
  for (const line of await Promise.all(waiting)) say(line)
}
