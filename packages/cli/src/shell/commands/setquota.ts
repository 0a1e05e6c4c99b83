import { joinPath, KeeperError, type ZooKeeper } from '@vivarium/client'
import { type Call, type Command, usageError } from '../command.ts'
import { CliError, checkPath } from '../failure.ts'
import { type QuotaKey, QuotaLimits } from '../format/quota-limits.ts'
import { LIMITS, limitsPath, QUOTA_ROOT, quotaOwner, quotaPath, statsPath } from '../quota-paths.ts'
import { visitSubtree } from '../subtree.ts'

/** What each option limits, and the least that it may. */
export const QUOTA_OPTIONS: Readonly<Record<string, readonly [key: QuotaKey, what: string]>> = {
  n: ['count', 'num'],
  b: ['bytes', 'bytes'],
  N: ['countHardLimit', 'num'],
  B: ['byteHardLimit', 'bytes'],
}

export const setquota: Command = {
  name: 'setquota',
  usage: '-n|-b|-N|-B val path',
  options: { n: true, b: true, N: true, B: true },
  async run(call) {
    const { zk, args, words, warn } = call
    const option = args.oneOf(Object.keys(QUOTA_OPTIONS))
    if (option === undefined)
      throw new CliError(
        'Missing required option: [-n num soft quota, -b bytes soft quota, -N num hard quota, -B bytes hard quota]',
      )
    const [path] = words
    if (path === undefined) throw usageError(setquota)
    if (path.startsWith(QUOTA_ROOT)) return warn(`cannot set a quota under the path: ${QUOTA_ROOT}`)
    const [key, what] = QUOTA_OPTIONS[option] as readonly [QuotaKey, string]
    const text = args.value(option) as string
    if (!isInRange(text, what)) return warn('NumberFormatException happens when parsing the option value')
    const value = BigInt(text)
    if (what === 'num' && value <= 0n) return warn('the num quota must be greater than zero')
    if (value < 0n) return warn('the bytes quota must be greater than or equal to zero')
    if ((await zk.exists(checkPath(path))) === null) throw new CliError(`${path} does not exist.`)
    await refuseBelow(zk, path)
    await refuseAbove(zk, path)
    await store(call, path, key, value)
  },
}

/** Counts are Java's ints, bytes its longs. */
function isInRange(text: string, what: string): boolean {
  return /^[+-]?\d+$/.test(text) && BigInt.asIntN(what === 'num' ? 32 : 64, BigInt(text)) === BigInt(text)
}

async function refuseBelow(zk: ZooKeeper, path: string): Promise<void> {
  checkPath(quotaPath(path))
  try {
    await visitSubtree(zk, quotaPath(path), undefined, async (at) => {
      if (at === quotaPath(path) || !(await hasLimits(zk, at))) return
      throw new CliError(`${path} has a child ${quotaOwner(at)} which has a quota`)
    })
  } catch (error) {
    if (!KeeperError.is(error, 'NONODE')) throw error
  }
}

async function refuseAbove(zk: ZooKeeper, path: string): Promise<void> {
  let at: string = QUOTA_ROOT
  for (const name of path.split('/').slice(1, -1)) {
    at = joinPath(at, name)
    if (await hasLimits(zk, at)) throw new CliError(`${path} has a parent ${quotaOwner(at)} which has a quota`)
  }
}

const hasLimits = async (zk: ZooKeeper, at: string): Promise<boolean> =>
  (await zk.exists(joinPath(at, LIMITS))) !== null

async function store({ zk, print }: Call, path: string, key: QuotaKey, value: bigint): Promise<void> {
  const isNew = (await zk.exists(limitsPath(path))) === null
  if (isNew) {
    await zk.ensurePath(quotaPath(path))
    const limits = new QuotaLimits('count=-1,bytes=-1,countHardLimit=-1,byteHardLimit=-1').set(key, value)
    await zk.create(limitsPath(path), { data: String(limits) })
    await zk.create(statsPath(path), { data: 'count=0,bytes=0' })
  }
  const limits = new QuotaLimits(String((await zk.getData(limitsPath(path))).data)).set(key, value)
  const stats = new QuotaLimits(String((await zk.getData(statsPath(path))).data))
  for (const [what, soft, hard] of [
    ['count', 'count', 'countHardLimit'],
    ['bytes', 'bytes', 'byteHardLimit'],
  ] as const) {
    const existing = stats.get(what)
    const isBelow = (limit: bigint): boolean => limit > -1n && limit < existing
    if (!isBelow(limits.get(soft)) && !isBelow(limits.get(hard))) continue
    const warning = `[Warning]: the ${what} quota you create is less than the existing ${what}:${existing}`
    print(warning, { warning })
  }
  if (!isNew) await zk.setData(limitsPath(path), String(limits))
}
