import { ZooKeeper } from '@vivarium/client'
import { TimedLease } from '@vivarium/client/recipes'
import type { Example } from '../example.ts'

/** A nightly job that is done by one machine and, for the time that it has, by no other. */
export const timedLease: Example = async (servers, say) => {
  await using zk = await ZooKeeper.connect(servers)
  const night = 8 * 60 * 60_000
  const mine = await new TimedLease(zk, '/leases/nightly', { holder: 'one' }).obtain(night)
  const theirs = await new TimedLease(zk, '/leases/nightly', { holder: 'two' }).obtain(night)
  say(`one ${mine === null ? 'sleeps' : 'works'}, two ${theirs === null ? 'sleeps' : 'works'}`)
}
