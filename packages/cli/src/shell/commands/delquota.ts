import { joinPath, KeeperError, parentOf, type ZooKeeper } from '@vivarium/client'
import type { Command } from '../command.ts'
import { checkPath } from '../failure.ts'
import { QuotaLimits } from '../format/quota-limits.ts'
import { limitsPath, QUOTA_ROOT, quotaPath } from '../quota-paths.ts'
import { QUOTA_OPTIONS } from './setquota.ts'

export const delquota: Command = {
  name: 'delquota',
  usage: '[-n|-b|-N|-B] path',
  options: { n: false, b: false, N: false, B: false },
  atLeast: 1,
  async run({ zk, args, words: [path = ''], print, warn }) {
    const option = args.oneOf(Object.keys(QUOTA_OPTIONS))
    checkPath(limitsPath(path))
    if ((await zk.exists(limitsPath(path))) === null) {
      return print(`Quota does not exist for ${path}`, { deleted: false })
    }
    try {
      if (option === undefined) return await deleteQuota(zk, path)
      const limits = new QuotaLimits(String((await zk.getData(limitsPath(path))).data))
      const [key] = QUOTA_OPTIONS[option] ?? ['count']
      await zk.setData(limitsPath(path), String(limits.set(key, -1n)))
    } catch (error) {
      if (!KeeperError.is(error, 'NONODE')) throw error
      warn(`quota for ${path} does not exist.`)
    }
  },
}

/** Deletes the quota, and what led to it and to nothing else. */
async function deleteQuota(zk: ZooKeeper, path: string): Promise<void> {
  let at = quotaPath(path)
  for (const name of await zk.getChildren(at)) await zk.delete(joinPath(at, name))
  for (; at !== QUOTA_ROOT && (await zk.getChildren(at)).length === 0; at = parentOf(at)) await zk.delete(at)
}
