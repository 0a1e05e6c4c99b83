import { join, resolve } from 'node:path'
import { command } from '../command.ts'
import type { AdminView } from '../view.ts'

/** What the server was configured with (ZooKeeperServer.dumpConf). */
export const conf = command('conf', async function* (view: AdminView) {
  const { config, figures } = view
  await figures.refreshDirectories()
  const versioned = (directory: string): string => join(resolve(directory), 'version-2')
  yield `clientPort=${view.clientPort}\n`
  yield 'secureClientPort=-1\n'
  yield `dataDir=${versioned(config.dataDir)}\n`
  yield `dataDirSize=${figures.dataDirBytes}\n`
  yield `dataLogDir=${versioned(config.dataLogDir)}\n`
  yield `dataLogSize=${figures.logDirBytes}\n`
  yield `tickTime=${config.tickTimeMs}\n`
  yield `maxClientCnxns=${config.maxClientCnxns}\n`
  yield `minSessionTimeout=${config.minSessionTimeoutMs}\n`
  yield `maxSessionTimeout=${config.maxSessionTimeoutMs}\n`
  yield `clientPortListenBacklog=${config.clientPortListenBacklog}\n`
  yield `serverId=${view.serverId}\n`
})
