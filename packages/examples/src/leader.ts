import { ZooKeeper } from '@vivarium/client'
import { LeaderLatch } from '@vivarium/client/recipes'
import type { Example } from './example.ts'

/** Two schedulers, of which one works at a time: the other takes over when the first one goes. */
export const leader: Example = async (servers, say) => {
  const first = await ZooKeeper.connect(servers)
  const second = await ZooKeeper.connect(servers)
  const one = new LeaderLatch(first, '/schedulers', { id: 'one' })
  await one.leadership()
  say('one leads')

  const two = new LeaderLatch(second, '/schedulers', { id: 'two' })
  const taking = two.leadership()
  // Its session ends, and its place in the queue with it; were it killed, that would be once the session expires.
  await first.close()

  const leadership = await taking
  say(`two leads, and knows its work as ${leadership.token > 0 ? 'newer' : 'older'}`)
  await two.close()
  await second.close()
}
