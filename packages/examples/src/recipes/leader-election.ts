import { ZooKeeper } from '@vivarium/client'
import { LeaderElection } from '@vivarium/client/recipes'
import type { Example } from '../example.ts'

/** Two who would lead do so in turn, each for as long as its work takes. */
export const leaderElection: Example = async (servers, say) => {
  await using zk = await ZooKeeper.connect(servers)
  const run = (id: string): Promise<void> =>
    new LeaderElection(zk, '/leaders/reports', { id }).run(async (term) => {
      await zk.sync('/', { signal: term.signal })
      say(`${id} has led`)
    })
  await Promise.all([run('one'), run('two')])
}
