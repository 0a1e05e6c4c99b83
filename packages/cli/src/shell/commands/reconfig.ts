import { readFileSync } from 'node:fs'
import { KeeperError } from '@vivarium/client'
import type { Command } from '../command.ts'
import { usageError } from '../command.ts'
import { CliError } from '../failure.ts'
import { statText, statValue } from '../format/stat.ts'

export const reconfig: Command = {
  name: 'reconfig',
  usage:
    '[-s] [-v version] [[-file path] | [-members serverID=host:port1:port2;port3[,...]*]] | ' +
    '[-add serverId=host:port1:port2;port3[,...]]* [-remove serverId[,...]*]',
  options: { s: false, v: true, file: true, members: true, add: true, remove: true },
  async run({ zk, args, print }) {
    const isFull = args.has('file') || args.has('members')
    const isIncremental = args.has('add') || args.has('remove')
    if (!isFull && !isIncremental) throw usageError(reconfig)
    const version = args.value('v') ?? '-1'
    if (!/^[+-]?[0-9a-f]{1,16}$/i.test(version)) {
      throw new CliError('-v must be followed by a long (configuration version)')
    }
    if (isFull && isIncremental) {
      throw new CliError(
        "Can't use -file or -members together with -add or -remove (mixing incremental and non-incremental modes " +
          'is not allowed)',
      )
    }
    if (args.has('file') && args.has('members')) {
      throw new CliError("Can't use -file and -members together (conflicting non-incremental modes)")
    }
    const list = (name: string): string[] | undefined => args.value(name)?.toLowerCase().split(',')
    const file = args.value('file')
    try {
      const { data, stat } = await zk.reconfig({
        joining: list('add'),
        leaving: list('remove'),
        members: file === undefined ? list('members') : membersOf(file),
        fromConfig: Number.parseInt(version, 16),
      })
      const text = `Committed new configuration:\n${data}`
      if (args.has('s')) print(`${text}\n${statText(stat)}`, { config: String(data), stat: statValue(stat) })
      else print(text, { config: String(data) })
    } catch (error) {
      // Java's client names no path here.
      throw error instanceof KeeperError ? new KeeperError(error.code, '') : error
    }
  },
}

function membersOf(path: string): string[] {
  try {
    const lines = readFileSync(path, 'utf8').split(/\r?\n/)
    return lines.map((line) => line.trim()).filter((line) => line.startsWith('server.'))
  } catch (error) {
    throw new CliError(`Error processing ${path}: ${(error as Error).message}`)
  }
}
