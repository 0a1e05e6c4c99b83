/** A member of an ensemble, and where its clients find it. */
export interface MemberAddress {
  /** Its number; null where that is not known. */
  readonly sid: string | null
  readonly host: string
  readonly port: number
  /** Whether it has a vote; null where that is not known. */
  readonly voting: boolean | null
}

const DEFAULT_PORT = 2181
const MOST_MEMBERS = 64
const ANYWHERE = /^(0\.0\.0\.0|::|\[::\]|\*?)$/
const SERVER_LINE = /^server\.(\d{1,19})=([^;]+)(?:;(.*))?$/

/**
 * Everybody whom a configuration of an ensemble names (the data of `/zookeeper/config`). Its lines need not say where clients
 * go: then that is to the servers that the gateway was given, or, if it was given one, to the same port of all.
 */
export function membersOf(config: string, servers: string): MemberAddress[] {
  const given = serversOf(servers)
  const lines = config.split('\n').map((line) => line.trim())
  const members = lines.flatMap((line) => memberOf(line, given[0]?.port ?? DEFAULT_PORT) ?? [])
  const isTold = lines.every((line) => !SERVER_LINE.test(line) || line.includes(';'))
  return (members.length > 0 && (isTold || given.length === 1) ? members : given).slice(0, MOST_MEMBERS)
}

function memberOf(line: string, port: number): MemberAddress | null {
  const [, sid, quorum, client] = SERVER_LINE.exec(line) ?? []
  if (sid === undefined || quorum === undefined) return null
  const [first = ''] = quorum.split('|')
  const own = /^(\[[^\]]+\]|[^:]+):/.exec(first)?.[1]
  if (own === undefined) return null
  const told = client === undefined ? null : endpointOf(client.includes(':') ? client : `:${client}`, port)
  const host = told === null || ANYWHERE.test(told.host) ? own : told.host
  return { sid, host: bare(host), port: told?.port ?? port, voting: !/:observer$/i.test(quorum) }
}

/** The servers of `host:port,host:port…[/chroot]`. */
function serversOf(servers: string): MemberAddress[] {
  const [hosts = ''] = servers.split('/')
  return hosts.split(',').flatMap((text) => {
    const endpoint = endpointOf(text.trim(), DEFAULT_PORT)
    return endpoint === null ? [] : { sid: null, host: bare(endpoint.host), port: endpoint.port, voting: null }
  })
}

function endpointOf(text: string, byDefault: number): { readonly host: string; readonly port: number } | null {
  const [, host, port] = /^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/.exec(text) ?? []
  if (host === undefined) return null
  return { host, port: port === undefined ? byDefault : Number(port) }
}

const bare = (host: string): string => host.replace(/^\[(.*)\]$/, '$1')
