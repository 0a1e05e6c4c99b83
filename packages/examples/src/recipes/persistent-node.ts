import { ZooKeeper } from '@vivarium/client'
import { PersistentNode } from '@vivarium/client/recipes'
import type { Example } from '../example.ts'

/** A sign that stays up, whoever takes it down. */
export const persistentNode: Example = async (servers, say) => {
  await using zk = await ZooKeeper.connect(servers)
  await using sign = await PersistentNode.start(zk, '/signs/open', { data: 'open' })
  const [absent, present] = ['absent', 'present'].map(
    (type) => new Promise((resolve) => sign.onChange((presence) => presence.type === type && resolve(type))),
  )
  await zk.delete('/signs/open') // Somebody does.
  say(`${await absent}, ${await present}: ${(await zk.getData('/signs/open')).data}`)
}
