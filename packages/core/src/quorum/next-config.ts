import { parseQuorumConfig, QuorumConfig } from './quorum-config.ts'
import { type Member, parseServerLine } from './server-line.ts'

/** What a reconfiguration asks for (ReconfigRequest): either changes, or all that the next configuration is to be. */
export interface ReconfigWish {
  /** `server.N=…` lines with commas between them: new members, and members that change. */
  readonly joiningServers: string | null
  /** Server ids with commas between them. */
  readonly leavingServers: string | null
  /** A whole configuration, its lines ended by commas or line ends; if there is one, the others do not count. */
  readonly newMembers: string | null
}

/**
 * The configuration that a reconfiguration leads to (PrepRequestProcessor.pRequest2Txn, QuorumPeerConfig).
 *
 * @param last the latest configuration there is
 * @param version of the next one: the zxid of the transaction that brings it
 * @returns the configuration, or what is wrong with the wish
 */
export function nextConfig(wish: ReconfigWish, last: QuorumConfig, version: number): QuorumConfig | string {
  const { newMembers } = wish
  if (newMembers === null) return changedConfig(wish, last, version)
  const config = parseQuorumConfig(newMembers.replaceAll(',', '\n'))
  return typeof config === 'string' ? config : config.withVersion(version)
}

function changedConfig(
  { joiningServers, leavingServers }: ReconfigWish,
  last: QuorumConfig,
  version: number,
): QuorumConfig | string {
  // Nobody says which group a new member would belong to, or what it weighs.
  if (last.hierarchy !== null) return 'hierarchical quorums can only be replaced as a whole'
  const members = new Map(last.members)
  for (const leaving of parts(leavingServers)) {
    if (!/^-?\d{1,15}$/.test(leaving)) return `"${leaving}" is no server id`
    members.delete(Number(leaving))
  }
  for (const joining of parts(joiningServers)) {
    const member = parseJoining(joining)
    if (typeof member === 'string') return `"${joining}": ${member}`
    members.delete(member.sid)
    for (const other of members.values()) {
      const shared = sharedAddress(member, other)
      if (shared !== undefined) return `servers ${member.sid} and ${other.sid} cannot both have ${shared}`
    }
    members.set(member.sid, member)
  }
  return new QuorumConfig([...members.values()], version)
}

function parts(list: string | null): string[] {
  if (list === null) return []
  return list
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

function parseJoining(text: string): Member | string {
  const [key = '', line, ...rest] = text.split('=').map((part) => part.trim())
  const id = key.slice(key.lastIndexOf('.') + 1)
  if (line === undefined || rest.length > 0 || !/^-?\d{1,15}$/.test(id)) return 'it is not server.N=…'
  const member = parseServerLine(Number(id), line)
  if (typeof member !== 'string' && member.client === null) return 'the address for clients is missing'
  return member
}

/** An address at which two servers would listen; not one that says less than that (QuorumServer.checkAddressDuplicate). */
function sharedAddress(one: Member, other: Member): string | undefined {
  const taken = addressesOf(other)
  return addressesOf(one).find((address) => taken.includes(address))
}

function addressesOf({ addresses, client }: Member): string[] {
  const all = addresses.flatMap(({ host, quorumPort, electionPort }) => [
    { host, port: quorumPort },
    { host, port: electionPort },
  ])
  if (client !== null) all.push(client)
  return all.filter(({ host }) => !isUnspecific(host)).map(({ host, port }) => `${host.toLowerCase()}:${port}`)
}

/** All addresses of a machine, or those that mean another machine wherever they are read. */
function isUnspecific(host: string): boolean {
  return host === 'localhost' || host === '0.0.0.0' || /^127\.\d+\.\d+\.\d+$/.test(host) || /^[0:]+1?$/.test(host)
}
