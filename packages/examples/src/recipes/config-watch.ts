import { ZooKeeper } from '@vivarium/client'
import { ConfigWatch } from '@vivarium/client/recipes'
import type { Example } from '../example.ts'

interface Sampling {
  readonly ratio: number
}

/** A schema library's `parse` does as well. */
function sampling(parsed: unknown): Sampling {
  const { ratio } = parsed as { ratio: unknown }
  if (typeof ratio !== 'number') throw new TypeError('ratio is no number')
  return { ratio }
}

/** A typed value, the last one that was good. */
export const configWatch: Example = async (servers, say) => {
  await using zk = await ZooKeeper.connect(servers)
  await zk.create('/sampling', { data: '{"ratio":0.5}' })
  await using config = await ConfigWatch.start(zk, '/sampling', { schema: sampling })
  say(`${config.value.ratio}`)
  await zk.setData('/sampling', '{"ratio":"often"}')
  await config.sync()
  say(`${config.value.ratio}, as what came is ${config.problem?.type}`)
}
