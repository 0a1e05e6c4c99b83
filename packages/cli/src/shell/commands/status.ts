import type { Network } from '@vivarium/env'
import { epochOf } from '@vivarium/protocol'
import type { Command } from '../command.ts'
import { CliError } from '../failure.ts'
import { askFourLetterWord } from '../four-letter.ts'
import type { Shell } from '../shell.ts'
import { clientAddresses } from './config.ts'

const TIMEOUT_MS = 3000
const COLUMNS = ['server', 'role', 'zxid', 'lag', 'latency', 'connections', 'version'] as const
type Row = Record<(typeof COLUMNS)[number], string>

export const status: Command = {
  name: 'status',
  usage: '[host:port,…]',
  summary:
    'asks these servers, or those of -server and the members of their ensemble, with the four-letter word srvr: role, zxid, ' +
    'transactions behind the leader, latency (min/avg/max)',
  offline: true,
  async run({ shell, words: [given], print }) {
    const named = hostsOf(given ?? shell.server)
    const names = given === undefined ? [...new Set([...named, ...(await otherMembers(shell, named))])] : named
    const rows = withLag(await Promise.all(names.map((name) => ask(shell.network, name))))
    const widths = COLUMNS.map((column) => Math.max(column.length, ...rows.map((row) => row[column].length)))
    const line = (cells: readonly string[]): string =>
      cells
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd()
    print([line(COLUMNS), ...rows.map((row) => line(COLUMNS.map((column) => row[column])))].join('\n'), rows)
    if (rows.some(({ zxid }) => zxid === '-')) throw new CliError('')
  },
}

const hostsOf = (servers: string): string[] =>
  (servers.split('/')[0] as string)
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')

/**
 * The members that the ensemble's configuration names, where clients connect. None that is named already counts; nor is
 * there one if nobody can be asked, or the configuration does not say.
 */
async function otherMembers(shell: Shell, named: readonly string[]): Promise<string[]> {
  try {
    const zk = await shell.connectElsewhere(named.join(','), TIMEOUT_MS)
    try {
      const { data } = await zk.getConfig({ timeoutMs: TIMEOUT_MS })
      const members = clientAddresses(String(data)).filter((address) => !address.startsWith('0.0.0.0:'))
      return members.filter((address) => !named.includes(address))
    } finally {
      await zk.close()
    }
  } catch {
    return []
  }
}

async function ask(network: Pick<Network, 'connect'>, server: string): Promise<Row> {
  const [, host = '', port = '2181'] = /^\[?(.*?)\]?(?::(\d+))?$/.exec(server) ?? []
  const row = { server, zxid: '-', lag: '-', latency: '-', connections: '-', version: '-' }
  try {
    const answer = await askFourLetterWord(host, Number(port), 'srvr', TIMEOUT_MS, network)
    const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(answer)?.[1] ?? '-'
    // A server without a quorum says in a sentence that it does not serve.
    const role = field('Mode') === '-' ? (answer.split('\n')[0] as string) || 'no answer' : field('Mode')
    return {
      ...row,
      role,
      zxid: field('Zxid'),
      latency: field('Latency min/avg/max'),
      connections: field('Connections'),
      version: field('Zookeeper version').split(',')[0] as string,
    }
  } catch (error) {
    return { ...row, role: (error as Error).message }
  }
}

/** How many transactions each is behind the leader; of another epoch nobody can say. */
function withLag(rows: readonly Row[]): Row[] {
  const leader = Number(rows.find(({ role }) => role === 'leader')?.zxid)
  return rows.map((row) => {
    const zxid = Number(row.zxid)
    const isComparable = Number.isSafeInteger(leader) && Number.isSafeInteger(zxid) && epochOf(leader) === epochOf(zxid)
    // Asked a moment later, a member can be ahead of what the leader said.
    return isComparable ? { ...row, lag: String(Math.max(0, leader - zxid)) } : row
  })
}
