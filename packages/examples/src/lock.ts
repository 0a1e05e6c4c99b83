import { Op, ZooKeeper } from '@vivarium/client'
import { Mutex } from '@vivarium/client/recipes'
import type { Example } from './example.ts'

/** Two workers take turns with an account that only one may touch at a time. */
export const lock: Example = async (servers, say) => {
  await using zk = await ZooKeeper.connect(servers)
  await zk.create('/account', { data: '0' })

  const deposit = async (name: string, amount: number): Promise<void> => {
    await using client = await ZooKeeper.connect(servers)
    const mutex = new Mutex(client, '/locks/account', { data: name })
    await using held = await mutex.acquire({ timeoutMs: 10_000 })
    // held.signal aborts once the lock is in doubt; held.token grows from holder to holder, for stores that compare it.
    const { data, stat } = await client.getData('/account', { signal: held.signal })
    const sum = Number(data.toString()) + amount
    await client.multi([Op.setData('/account', String(sum), { version: stat.version })], { signal: held.signal })
    say(`${name} made it ${sum}`)
  }

  await Promise.all([deposit('Ada', 100), deposit('Bob', 20)])
  say(`in the end it is ${(await zk.getData('/account')).data}`)
}
