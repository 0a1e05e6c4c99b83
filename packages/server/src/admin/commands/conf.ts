import { join, resolve } from 'node:path'
import { command } from '../command.ts'
import type { AdminView } from '../view.ts'

/** What the server was configured with (ZooKeeperServer.dumpConf). */
export const conf = command('conf', async function* (view: AdminView) {
  const { config, figures } = view
  await figures.refreshDirectories()
  const versioned = (directory: string): string => join(resolve(directory), 'version-2')
  yield `clientPort=${view.clientPort}\n`
  yield `secureClientPort=${view.secureClientPort}\n`
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
  if (view.member === null) return
  const { self, membership } = view.member
  const ports = (port: 'electionPort' | 'quorumPort'): string =>
    [...new Set(self.addresses.map((address) => address[port]))].join('|')
  yield `initLimit=${config.initLimit}\n`
  yield `syncLimit=${config.syncLimit}\n`
  yield 'electionAlg=3\n'
  yield `electionPort=${ports('electionPort')}\n`
  yield `quorumPort=${ports('quorumPort')}\n`
  yield `peerType=${self.role === 'observer' ? 1 : 0}\n`
  // Java's read-only server ends here.
  if (view.mode !== 'read-only') yield `membership: \n${membership}`
})
