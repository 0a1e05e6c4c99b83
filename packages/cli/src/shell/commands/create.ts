import { type CreateModeName, KeeperError } from '@vivarium/client'
import { MAX_TTL_MS } from '@vivarium/protocol'
import type { Command } from '../command.ts'
import { CliError, checkPath, keeperMessage } from '../failure.ts'
import { parseAcl } from '../format/acl.ts'
import type { Arguments } from '../options.ts'

export const create: Command = {
  name: 'create',
  usage: '[-s] [-e] [-c] [-t ttl] path [data] [acl]',
  options: { e: false, s: false, c: false, t: true },
  atLeast: 1,
  async run({ zk, args, words: [path = '', data = null, acl], print, warn, shell }) {
    const mode = modeOf(args)
    const list = acl === undefined ? undefined : parseAcl(acl, warn)
    checkPath(path, mode.includes('SEQUENTIAL'))
    try {
      if (list?.length === 0) throw new KeeperError('INVALIDACL')
      const ttlMs = args.has('t') ? Number(args.value('t')) : undefined
      const created = await zk.create(path, { data, mode, ttlMs, ...(list && { acl: list }) })
      // zkCli says it on standard error; programs that ask for JSON get it where they get everything else.
      if (shell.json) print('', { path: created.path })
      else warn(`Created ${created.path}`)
    } catch (error) {
      if (KeeperError.is(error, 'EPHEMERALONLOCALSESSION')) warn('Unable to create ephemeral node on a local session')
      if (KeeperError.is(error, 'INVALIDACL')) warn(keeperMessage(error))
      throw error
    }
  },
}

function modeOf(args: Arguments): CreateModeName {
  const [isEphemeral, isSequential, isContainer] = [args.has('e'), args.has('s'), args.has('c')]
  const ttl = args.value('t')
  if (isContainer && (isEphemeral || isSequential)) {
    throw new CliError('-c cannot be combined with -s or -e. Containers cannot be ephemeral or sequential.')
  }
  if (ttl !== undefined) {
    if (!/^[+-]?\d+$/.test(ttl)) throw new CliError('-t argument must be a long value')
    if (isEphemeral) throw new CliError('TTLs cannot be used with Ephemeral znodes')
    if (isContainer) throw new CliError('TTLs cannot be used with Container znodes')
    if (Number(ttl) <= 0 || Number(ttl) > MAX_TTL_MS) {
      throw new CliError(`ttl must be positive and cannot be larger than: ${MAX_TTL_MS}`)
    }
    return isSequential ? 'PERSISTENT_SEQUENTIAL_WITH_TTL' : 'PERSISTENT_WITH_TTL'
  }
  if (isContainer) return 'CONTAINER'
  if (isEphemeral) return isSequential ? 'EPHEMERAL_SEQUENTIAL' : 'EPHEMERAL'
  return isSequential ? 'PERSISTENT_SEQUENTIAL' : 'PERSISTENT'
}
