import { ZooKeeper } from '@vivarium/client'
import { AtomicLong } from '@vivarium/client/recipes'
import type { Example } from '../example.ts'

/** A sum beyond what 32 bits hold. */
export const atomicLong: Example = async (servers, say) => {
  await using zk = await ZooKeeper.connect(servers)
  const bytes = new AtomicLong(zk, '/totals/bytes')
  await bytes.add(5_000_000_000n)
  const { before, after } = await bytes.update((value) => value * 2n)
  say(`${before} became ${after}`)
}
