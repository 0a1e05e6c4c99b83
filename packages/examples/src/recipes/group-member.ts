import { ZooKeeper } from '@vivarium/client'
import { GroupMember } from '@vivarium/client/recipes'
import type { Example } from '../example.ts'

/** Two workers see each other. */
export const groupMember: Example = async (servers, say) => {
  await using zk = await ZooKeeper.connect(servers)
  await using ada = await GroupMember.join(zk, '/groups/workers', 'ada', { data: 'host-1' })
  await using _bob = await GroupMember.join(zk, '/groups/workers', 'bob', { data: 'host-2' })
  await ada.cache.sync()
  say(
    [...ada.members()]
      .map(([id, data]) => `${id} on ${data}`)
      .sort()
      .join(', '),
  )
}
