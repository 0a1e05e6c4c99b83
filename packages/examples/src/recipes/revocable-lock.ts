import { ZooKeeper } from '@vivarium/client'
import { Mutex, requestRevocation } from '@vivarium/client/recipes'
import type { Example } from '../example.ts'

/** Someone with little to do makes way when it is asked to. */
export const revocableLock: Example = async (servers, say) => {
  await using zk = await ZooKeeper.connect(servers)
  const mutex = new Mutex(zk, '/locks/printer', { data: 'newsletter' })
  const lock = await mutex.acquire()
  const asked = new Promise((resolve) => lock.revocation.addEventListener('abort', resolve, { once: true }))

  const [holder] = await mutex.contenders()
  if (holder !== undefined) await requestRevocation(zk, holder.path)
  await asked
  await lock.release()
  say(`${holder?.data} made way`)
}
