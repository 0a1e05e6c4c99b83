import { Op, ZooKeeper } from '@vivarium/client'
import { TreeCache } from '@vivarium/client/recipes'
import type { Example } from './example.ts'

/** A subtree at hand: read without asking, and kept up to date. */
export const cache: Example = async (servers, say) => {
  await using zk = await ZooKeeper.connect(servers)
  // Together or not at all.
  await zk.multi([Op.create('/menu'), Op.create('/menu/soup', { data: '4' }), Op.create('/menu/bread', { data: '2' })])

  await using tree = await TreeCache.start(zk, '/menu')
  const names = (): string => [...tree.walk('/menu')].map(({ path, data }) => `${path} ${data}`.trim()).join(', ')
  say(names())

  await zk.delete('/menu/soup')
  await tree.sync() // From here on it has what was written before.
  say(names())
}
