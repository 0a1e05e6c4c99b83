import type { Command } from '../command.ts'
import { statText, statValue } from '../format/stat.ts'

export const config: Command = {
  name: 'config',
  usage: '[-c] [-w] [-s]',
  options: { s: false, w: false, c: false },
  async run({ zk, args, watcher, print }) {
    const { data, stat, isNull } = await zk.getConfig({ watcher: args.has('w') ? watcher : undefined })
    const text = isNull ? 'null' : String(data)
    const shown = args.has('c') ? connectString(text) : text
    if (args.has('s')) print(`${shown}\n${statText(stat)}`, { config: shown, stat: statValue(stat) })
    else print(shown, { config: shown })
  },
}

/** The version and the clients' addresses of a configuration (`ConfigUtils.getClientConfigStr`). */
function connectString(text: string): string {
  const lines = text.split('\n').map((line) => line.trim())
  const version = lines.find((line) => line.startsWith('version='))?.slice('version='.length) ?? ''
  return `${version} ${clientAddresses(text).join(',')}`
}

/** `host:port` for each server of a configuration that says where clients connect. */
export function clientAddresses(text: string): string[] {
  const servers = text.split('\n').filter((line) => line.startsWith('server.'))
  return servers.flatMap((line) => {
    const client = line.split(';')[1]?.split('|')[0]?.trim()
    if (client === undefined || client === '') return []
    return [client.includes(':') ? client : `0.0.0.0:${client}`]
  })
}
