import { ZooKeeper } from '@vivarium/client'
import { Party } from '@vivarium/client/recipes'
import type { Example } from '../example.ts'

/** Who is there, as kazoo's programs see it. */
export const party: Example = async (servers, say) => {
  await using zk = await ZooKeeper.connect(servers)
  await using host7 = new Party(zk, '/party', { identifier: 'host-7' })
  await using host9 = new Party(zk, '/party', { identifier: 'host-9' })
  await host7.join()
  await host9.join()
  say(`${(await host7.members()).sort().join(', ')}`)
  await host9.leave()
  say(`${await host7.members()}`)
}
