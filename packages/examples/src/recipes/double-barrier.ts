import { ZooKeeper } from '@vivarium/client'
import { DoubleBarrier } from '@vivarium/client/recipes'
import type { Example } from '../example.ts'

/** Two players begin a round together, and end it together. */
export const doubleBarrier: Example = async (servers, say) => {
  await using zk = await ZooKeeper.connect(servers)
  const play = async (name: string): Promise<void> => {
    const barrier = new DoubleBarrier(zk, '/rounds/1', { members: 2, data: name })
    await barrier.enter({ timeoutMs: 10_000 })
    say('begin')
    await barrier.leave({ timeoutMs: 10_000 })
    say('end')
  }
  await Promise.all([play('Ada'), play('Bob')])
}
