import { Op, ZooKeeper } from '@vivarium/client'
import { MultiLock, Mutex } from '@vivarium/client/recipes'
import type { Example } from '../example.ts'

/** Money goes from one account to another, both of them locked. */
export const multiLock: Example = async (servers, say) => {
  await using zk = await ZooKeeper.connect(servers)
  for (const [name, sum] of [
    ['from', '100'],
    ['to', '0'],
  ] as const)
    await zk.create(`/${name}`, { data: sum })
  // Taken in the order of their paths, so that nobody waits for one who waits for it.
  const both = new MultiLock(zk, [new Mutex(zk, '/locks/to'), new Mutex(zk, '/locks/from')])
  await using locks = await both.acquire({ timeoutMs: 10_000 })
  await locks.guard([Op.setData('/from', '90'), Op.setData('/to', '10')])
  say(`${(await zk.getData('/from')).data} and ${(await zk.getData('/to')).data}`)
}
