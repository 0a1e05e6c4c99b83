import { ZooKeeper } from '@vivarium/client'
import { Semaphore } from '@vivarium/client/recipes'
import type { Example } from '../example.ts'

/** Three downloads, of which two may run at a time. */
export const semaphore: Example = async (servers, say) => {
  await using zk = await ZooKeeper.connect(servers)
  const downloads = new Semaphore(zk, '/semaphores/downloads', { leases: 2 })
  const first = await downloads.acquire()
  await using _second = await downloads.acquire()
  const third = downloads.acquire({ timeoutMs: 10_000 })
  say(`${(await downloads.tryAcquire()) === null ? 'two run' : 'there is room for more'}`)

  await first.release()
  await using _third = await third
  say('the third runs once the first is through')
}
