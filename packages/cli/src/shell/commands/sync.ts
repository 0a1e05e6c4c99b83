import { KeeperError } from '@vivarium/client'
import type { Command } from '../command.ts'
import { checkPath } from '../failure.ts'

const WAIT_MS = 30_000

export const sync: Command = {
  name: 'sync',
  usage: 'path',
  atLeast: 1,
  async run({ zk, words: [path = ''], print }) {
    try {
      await zk.sync(checkPath(path), { timeoutMs: WAIT_MS })
      print('Sync is OK', { synced: true })
    } catch (error) {
      if (!(error instanceof KeeperError)) throw error
      print(`Sync has failed. rc=${error.errno}`, { synced: false, error: error.code })
    }
  },
}
