import { ZooKeeper } from '@vivarium/client'
import { WorkQueue } from '@vivarium/client/recipes'
import type { Example } from './example.ts'

/** Work that is not lost: what somebody has taken and not finished goes to another. */
export const queue: Example = async (servers, say) => {
  await using zk = await ZooKeeper.connect(servers)
  const work = new WorkQueue(zk, '/thumbnails')
  for (const image of ['sea.jpg', 'sky.jpg']) await work.put(image)

  const careless = await ZooKeeper.connect(servers)
  const taken = await new WorkQueue(careless, '/thumbnails').take()
  say(`${taken.data} was begun`)
  await careless.close() // Before it was done.

  for (let i = 0; i < 2; i++) {
    await using item = await work.take({ timeoutMs: 10_000 })
    await item.done()
    say(`${item.data} is done`)
  }
}
