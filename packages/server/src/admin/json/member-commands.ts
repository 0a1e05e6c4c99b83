import type { Member } from '@vivarium/core'
import { counterOf, epochOf } from '@vivarium/protocol'
import { javaAddress, javaHex } from '../java-format.ts'
import type { AdminView, MemberView, ObserverView } from '../view.ts'
import { type AdminCommand, query } from './command.ts'
import { Entries, type Json, type JsonObject } from './json.ts'

const leader: AdminCommand = {
  names: ['leader', 'lead'],
  method: 'GET',
  always: false,
  restricted: false,
  run: ({ member, mode }) => {
    if (member === null) return { error: 'server is not initialized' }
    return {
      data: {
        is_leader: mode === 'leader',
        leader_id: member.leader?.sid ?? -1,
        leader_ip: member.leader?.addresses[0]?.host ?? '',
      },
    }
  },
}

/** How many observers there are those tell that they are connected to (LearnerHandler.getLearnerHandlerInfo). */
const observers = query(['observers', 'obsr'], ({ member }) => {
  const connected = member?.observers ?? []
  return { synced_observers: connected.length, observers: connected.map(observerInfo) }
})

const observerInfo = ({ figures, ...observer }: ObserverView): JsonObject => ({
  remote_socket_address: javaAddress(observer.remoteAddress, observer.remotePort),
  sid: observer.sid,
  established: Math.trunc(figures.establishedMs),
  queued_packets: observer.queuedPackets,
  queued_packets_size: observer.queuedBytes,
  packets_received: figures.packetsReceived,
  packets_sent: figures.packetsSent,
  requests: figures.requests,
  last_zxid: figures.lastZxid,
})

const observerReset = query(['observer_connection_stat_reset', 'orst'], ({ member }) => {
  for (const { figures } of member?.observers ?? []) figures.reset()
  return {}
})

const votingView = query(['voting_view'], (view) => ({ current_config: new Entries(voters(view)) }))

function* voters(view: AdminView): Iterable<readonly [string, Json]> {
  const { member } = view
  if (member === null) return
  for (const sid of member.quorum.voters) {
    const voter = member.quorum.members.get(sid)
    if (voter === undefined) continue
    yield [
      String(sid),
      {
        server_addresses: addresses(voter, 'quorumPort'),
        election_addresses: addresses(voter, 'electionPort'),
        client_address: clientAddress(view, member, voter),
        learner_type: 'participant',
      },
    ]
  }
}

const zabState = query(
  ['zabstate'],
  (view): JsonObject => {
    const { member, lastZxid } = view
    if (member === null) return { voting: false, zabstate: '' }
    return {
      myid: member.self.sid,
      is_leader: view.mode === 'leader',
      quorum_address: multipleAddresses(member.self, 'quorumPort'),
      election_address: multipleAddresses(member.self, 'electionPort'),
      client_address: clientAddress(view, member, member.self),
      voting: member.quorum.voters.has(member.self.sid),
      last_zxid: `0x${javaHex(lastZxid)}`,
      zab_epoch: epochOf(lastZxid),
      zab_counter: counterOf(lastZxid),
      zabstate: zabStateOf(view),
    }
  },
  { always: true },
)

function zabStateOf({ mode, serving }: AdminView): string {
  if (mode === 'looking' || mode === 'read-only') return 'election'
  return serving ? 'broadcast' : 'synchronization'
}

/** About the ensemble and this member of it. */
export const memberCommands: readonly AdminCommand[] = [leader, observerReset, observers, votingView, zabState]

type Port = 'quorumPort' | 'electionPort'

const addresses = (member: Member, port: Port): string[] =>
  member.addresses.map((address) => `${address.host}:${address[port]}`)

/** Only of itself does a member know where it listens although its line does not say. */
function clientAddress({ config, clientPort }: AdminView, { self }: MemberView, member: Member): string {
  if (member.client !== null) return `${member.client.host}:${member.client.port}`
  return member.sid === self.sid && clientPort >= 0 ? `${config.clientPortAddress ?? '0.0.0.0'}:${clientPort}` : ''
}

/** Several addresses as Jackson shows Java's MultipleAddresses; which of them can be reached is not tried out. */
function multipleAddresses(member: Member, port: Port): JsonObject {
  const all = addresses(member, port)
  const one = all[0] ?? ''
  return {
    empty: all.length === 0,
    all_addresses: all,
    wildcard_addresses: [...new Set(member.addresses.map((address) => `0.0.0.0:${address[port]}`))],
    all_ports: [...new Set(member.addresses.map((address) => address[port]))],
    all_host_strings: [...new Set(member.addresses.map(({ host }) => host))],
    reachable_address: one,
    all_reachable_addresses: all,
    all_reachable_addresses_or_all: all,
    reachable_or_one: one,
    one,
  }
}
