import type { Command } from '../command.ts'
import { CliError } from '../failure.ts'
import { askFourLetterWord } from '../four-letter.ts'

const TIMEOUT_MS = 3000
const COLUMNS = ['server', 'role', 'zxid', 'latency', 'connections', 'version'] as const
type Row = Record<(typeof COLUMNS)[number], string>

export const status: Command = {
  name: 'status',
  usage: '[host:port,…]',
  summary:
    'asks each of these servers, or of those of -server, with the four-letter word srvr: role, zxid, latency (min/avg/max)',
  offline: true,
  async run({ shell, words: [servers = shell.server], print }) {
    const names = (servers.split('/')[0] as string).split(',').filter((name) => name.trim() !== '')
    const rows = await Promise.all(names.map((name) => ask(name.trim())))
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

async function ask(server: string): Promise<Row> {
  const [, host = '', port = '2181'] = /^\[?(.*?)\]?(?::(\d+))?$/.exec(server) ?? []
  const row = { server, zxid: '-', latency: '-', connections: '-', version: '-' }
  try {
    const answer = await askFourLetterWord(host, Number(port), 'srvr', TIMEOUT_MS)
    const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(answer)?.[1] ?? '-'
    // A server without a quorum says in a sentence that it does not serve.
    const role = field('Mode') === '-' ? (answer.split('\n')[0] as string) || 'no answer' : field('Mode')
    return {
      server,
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
