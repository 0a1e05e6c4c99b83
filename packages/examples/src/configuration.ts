import { ZooKeeper } from '@vivarium/client'
import type { Example } from './example.ts'

interface Limits {
  readonly perSecond: number
}

/** Follows a configuration: reads it, and again whenever it changes, until it says that there is no limit. */
export const configuration: Example = async (servers, say) => {
  await using zk = await ZooKeeper.connect(servers)
  await zk.create('/limits', { data: JSON.stringify({ perSecond: 10 }) })

  for await (const event of zk.watch('/limits')) {
    // The first event is a resync, and so is one after a time in which changes may have been missed: read, whatever it is.
    const { data, stat } = await zk.getData('/limits')
    const { perSecond } = JSON.parse(data.toString()) as Limits
    say(`${event.type}: ${perSecond} per second (version ${stat.version})`)
    if (perSecond === 0) break

    // Somebody else would do this. The version keeps two who change it at once from overwriting each other.
    await zk.setData('/limits', JSON.stringify({ perSecond: 0 }), { version: stat.version })
  }
}
