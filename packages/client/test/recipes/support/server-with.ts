import type { TestContext } from 'node:test'
import { ZooKeeper, type ZooKeeperOptions } from '../../../dist/index.js'
import { serverOfItsOwn } from '../../support/servers.ts'

/** A client of a server of its own, which has the given settings. */
export async function clientOf(
  t: TestContext,
  config: Readonly<Record<string, string>>,
  options: ZooKeeperOptions = {},
): Promise<ZooKeeper> {
  const servers = await serverOfItsOwn(config)
  const zk = await ZooKeeper.connect(servers.connectString, options)
  t.after(async () => {
    await zk.close()
    await servers.close()
  })
  return zk
}
