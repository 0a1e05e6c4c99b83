import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** The state LISTEN in `/proc/net/tcp`. */
const LISTENING = '0A'
const LONGEST_COMMAND = 120

/**
 * Who listens on a TCP port: `process 4711 (java … QuorumPeerMain zoo.cfg)`. Undefined where the system does not tell:
 * outside Linux, and of other users' processes.
 */
export function portOwner(port: number, proc = '/proc'): string | undefined {
  const inodes = new Set([...listeningInodes(`${proc}/net/tcp`, port), ...listeningInodes(`${proc}/net/tcp6`, port)])
  if (inodes.size === 0) return undefined
  for (const id of names(proc)) {
    if (!/^\d+$/.test(id)) continue
    for (const descriptor of names(`${proc}/${id}/fd`)) {
      const socket = /^socket:\[(\d+)\]$/.exec(linkTarget(`${proc}/${id}/fd/${descriptor}`))?.[1]
      if (socket !== undefined && inodes.has(socket)) return describe(id, text(`${proc}/${id}/cmdline`))
    }
  }
  return undefined
}

function listeningInodes(table: string, port: number): string[] {
  const ending = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return text(table)
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local = '', , state]) => state === LISTENING && local.endsWith(ending))
    .map((columns) => columns[9] ?? '')
}

function describe(id: string, commandLine: string): string {
  const words = commandLine.split('\0').filter((word) => word !== '')
  // The class path of a Java process would hide what it runs.
  const command = words.map((word) => (word.length > 60 ? '…' : word)).join(' ')
  const short = command.length > LONGEST_COMMAND ? `${command.slice(0, LONGEST_COMMAND)}…` : command
  return short === '' ? `process ${id}` : `process ${id} (${short})`
}

const names = (path: string): string[] => quietly(() => readdirSync(path), [])
const linkTarget = (path: string): string => quietly(() => readlinkSync(path), '')
const text = (path: string): string => quietly(() => readFileSync(path, 'utf8'), '')

/** Processes end, and others' are closed to us, while we look. */
function quietly<T>(read: () => T, otherwise: T): T {
  try {
    return read()
  } catch {
    return otherwise
  }
}
