/** One of the addresses by which a member is reached by the others. */
export interface MemberAddress {
  /** A name or an address; IPv6 without brackets. */
  readonly host: string
  /** The leader listens here for its learners. */
  readonly quorumPort: number
  readonly electionPort: number
}

export type MemberRole = 'participant' | 'observer'

/** A server of an ensemble, as a `server.N=` line describes it (QuorumPeer.QuorumServer). */
export interface Member {
  readonly sid: number
  /** At least one. */
  readonly addresses: readonly MemberAddress[]
  readonly role: MemberRole
  /** Where clients connect; null where the line does not say. */
  readonly client: { readonly host: string; readonly port: number } | null
}

/** The host that Java fills in where a line has only a client port. */
const ANY_HOST = '0.0.0.0'

/**
 * Reads what stands behind `server.N=`: `host:quorumPort:electionPort[:role][|more][;[clientHost:]clientPort]`.
 *
 * @returns the member, or what is wrong with the line
 * @example
 * parseServerLine(1, 'zk1:2888:3888:participant;2181')
 */
export function parseServerLine(sid: number, value: string): Member | string {
  const [servers, client, ...rest] = value.trim().split(';')
  if (servers === undefined || rest.length > 0) return 'at most one ";" with the client address behind it is allowed'
  const addresses: MemberAddress[] = []
  let role: MemberRole = 'participant'
  for (const part of servers.split('|')) {
    const fields = splitAddress(part)
    if (fields === null || fields.length < 3 || fields.length > 4)
      return `"${part}" is not host:quorumPort:electionPort`
    const [host, quorum, election, type] = fields as [string, string, string, string | undefined]
    const quorumPort = parsePort(quorum)
    const electionPort = parsePort(election)
    if (host === '' || quorumPort === null || electionPort === null)
      return `"${part}" has no host, or a port that is none`
    if (quorumPort === electionPort) return `"${part}" has one port for two purposes`
    if (type !== undefined) {
      const known = parseRole(type)
      if (known === null) return `"${type}" is neither participant nor observer`
      role = known
    }
    addresses.push({ host, quorumPort, electionPort })
  }
  if (client === undefined) return { sid, addresses, role, client: null }
  const fields = splitAddress(client)
  const port = parsePort(fields?.at(-1) ?? '')
  if (fields === null || fields.length > 2 || port === null) return `"${client}" is not [host:]port`
  const host = fields.length === 2 && fields[0] !== '' ? (fields[0] as string) : ANY_HOST
  return { sid, addresses, role, client: { host, port } }
}

/** The line's value as Java writes it: role always there, several addresses sorted by host (QuorumServer.toString). */
export function formatServerLine(member: Member): string {
  const addresses = [...member.addresses]
    .sort((a, b) => (a.host < b.host ? -1 : a.host > b.host ? 1 : 0))
    .map(({ host, quorumPort, electionPort }) => `${bracketed(host)}:${quorumPort}:${electionPort}`)
  const client = member.client === null ? '' : `;${bracketed(member.client.host)}:${member.client.port}`
  return `${addresses.join('|')}:${member.role}${client}`
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

/** Splits at colons, but for those of an IPv6 address in brackets; null if the brackets do not match. */
function splitAddress(text: string): string[] | null {
  const trimmed = text.trim()
  if (!trimmed.startsWith('[')) return trimmed.split(':')
  const end = trimmed.indexOf(']')
  if (end < 0) return null
  const host = trimmed.slice(1, end)
  const rest = trimmed.slice(end + 1)
  if (rest === '') return [host]
  return rest.startsWith(':') ? [host, ...rest.slice(1).split(':')] : null
}

function parsePort(text: string): number | null {
  if (!/^\d{1,5}$/.test(text.trim())) return null
  const port = Number(text)
  return port <= 0xffff ? port : null
}

function parseRole(text: string): MemberRole | null {
  const role = text.trim().toLowerCase()
  return role === 'participant' || role === 'observer' ? role : null
}
