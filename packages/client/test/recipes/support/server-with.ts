import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { silentLog } from '@vivarium/env'
import { createServerConfig, startServer } from '@vivarium/server'
import { ZooKeeper, type ZooKeeperOptions } from '../../../dist/index.js'

/** A client of a server of its own, which has the given settings. */
export async function clientOf(
  t: TestContext,
  settings: Parameters<typeof createServerConfig>[0],
  options: ZooKeeperOptions = {},
): Promise<ZooKeeper> {
  const dataDir = mkdtempSync(join(tmpdir(), 'vivarium-recipes-'))
  const address = { clientPort: 0, clientPortAddress: '127.0.0.1', forceSync: false }
  const config = createServerConfig({ dataDir, ...address, ...settings })
  const server = await startServer({ config, env: { log: silentLog } })
  const zk = await ZooKeeper.connect(`127.0.0.1:${server.address?.port}`, options)
  t.after(async () => {
    await zk.close()
    await server.close()
    rmSync(dataDir, { recursive: true, force: true })
  })
  return zk
}
