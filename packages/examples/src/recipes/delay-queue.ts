import { ZooKeeper } from '@vivarium/client'
import { DelayQueue } from '@vivarium/client/recipes'
import type { Example } from '../example.ts'

/** Nobody gets a reminder before its time. */
export const delayQueue: Example = async (servers, say) => {
  await using zk = await ZooKeeper.connect(servers)
  const reminders = new DelayQueue(zk, '/queues/reminders')
  await reminders.put('in an hour', Date.now() + 60 * 60_000)
  await reminders.put('a while ago', Date.now() - 1000)
  say(`${await reminders.take()}; ${(await reminders.poll()) ?? 'nothing else'} is due`)
}
