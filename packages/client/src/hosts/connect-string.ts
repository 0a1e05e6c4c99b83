import { validatePath } from '@vivarium/protocol'
import { ArgumentError } from '../errors.ts'

/** A server as it stands in a connect string: a name or an address, and a port. */
export interface Host {
  readonly host: string
  readonly port: number
}

export interface ConnectString {
  readonly hosts: readonly Host[]
  /** Empty without one. */
  readonly chroot: string
}

const DEFAULT_PORT = 2181

/**
 * Reads `host[:port],host[:port]…[/chroot]`; an IPv6 address stands in brackets (ConnectStringParser).
 *
 * @throws {ArgumentError}
 * @example
 * parseConnectString('zk1,[::1]:2182/app') // hosts zk1:2181 and ::1:2182, chroot /app
 */
export function parseConnectString(text: string): ConnectString {
  const slash = text.indexOf('/')
  const servers = slash === -1 ? text : text.slice(0, slash)
  const chroot = slash === -1 || slash === text.length - 1 ? '' : text.slice(slash)
  const wrong = chroot === '' ? null : validatePath(chroot)
  if (wrong !== null) throw new ArgumentError(`The chroot ${chroot} is no path: ${wrong}`)
  const hosts = servers
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(parseHost)
  if (hosts.length === 0) throw new ArgumentError(`The connect string ${JSON.stringify(text)} names no server`)
  return { hosts, chroot }
}

/** A server as text, as it stands in a connect string. */
export function formatHost({ host, port }: Host): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

function parseHost(text: string): Host {
  const match = /^\[([^\]]+)\](?::(\d+))?$/.exec(text) ?? /^([^:\s[\]]+)(?::(\d+))?$/.exec(text)
  if (match === null) throw new ArgumentError(`${JSON.stringify(text)} is no host:port`)
  const port = match[2] === undefined ? DEFAULT_PORT : Number(match[2])
  if (port < 1 || port > 65_535) throw new ArgumentError(`${JSON.stringify(text)} has no port from 1 to 65535`)
  return { host: match[1] as string, port }
}
