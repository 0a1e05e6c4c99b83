import { ZooKeeper } from '@vivarium/client'
import { ReadWriteLock } from '@vivarium/client/recipes'
import type { Example } from '../example.ts'

/** Many read a catalogue at once; who changes it is alone with it, and can go on reading what it wrote. */
export const readWriteLock: Example = async (servers, say) => {
  await using zk = await ZooKeeper.connect(servers)
  const lock = new ReadWriteLock(zk, '/locks/catalogue')
  {
    await using _one = await lock.acquireRead()
    await using _other = await lock.acquireRead()
    say('two read')
  }
  await using write = await lock.acquireWrite()
  say('one writes')
  await using _read = await lock.downgrade(write) // Nobody has written in between.
  await using _another = await lock.acquireRead()
  say('and reads what it wrote, as others do')
}
