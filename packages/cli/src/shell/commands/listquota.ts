import { KeeperError } from '@vivarium/client'
import type { Command } from '../command.ts'
import { checkPath } from '../failure.ts'
import { QuotaLimits } from '../format/quota-limits.ts'
import { limitsPath, statsPath } from '../quota-paths.ts'

export const listquota: Command = {
  name: 'listquota',
  usage: 'path',
  atLeast: 1,
  async run({ zk, words: [path = ''], print, warn }) {
    warn(`absolute path is ${limitsPath(path)}`)
    checkPath(limitsPath(path))
    try {
      const limits = new QuotaLimits(String((await zk.getData(limitsPath(path))).data))
      const stats = new QuotaLimits(String((await zk.getData(statsPath(path))).data))
      const text = `Output quota for ${path} ${limits}\nOutput stat for ${path} ${stats}`
      print(text, { quota: limits, stat: stats })
    } catch (error) {
      if (!KeeperError.is(error, 'NONODE')) throw error
      warn(`quota for ${path} does not exist.`)
    }
  },
}
