import {
  AckSet,
  FastLeaderElection,
  Forwarder,
  Leader,
  Learner,
  LearnerSessions,
  LocalSessions,
  Processor,
  ReadOnly,
  SessionTracker,
} from '@vivarium/core'
import { OpCode, PacketType } from '@vivarium/protocol'
import { PAIR } from '../world/random-config.ts'
import { EpochAgreement, EpochFiles, LearnerLog, Membership, Proposals, ServerData } from '../world/server-internals.ts'
import { type Mutant, replaceGetter, replaceMethod, together } from './mutant.ts'

/** Members of ensembles that are broken on purpose: what replication has to get right. */
export const ENSEMBLE_MUTANTS: readonly Mutant[] = [
  {
    name: 'follower acknowledges early',
    flaw: 'a follower acknowledges a proposal that is not on its disk yet',
    ensemble: true,
    faults: ['site power'],
    patch: () =>
      replaceMethod(Learner.prototype, 'step', (original) => {
        return function step(this: Learner<unknown>, event) {
          original.call(this, event)
          if (this.phase !== 'serving' || event.type !== 'packet' || event.packet.type !== PacketType.PROPOSAL) return
          original.call(this, { type: 'synced', zxid: event.packet.zxid })
        }
      }),
  },
  {
    name: 'leader acknowledges early',
    flaw: 'a leader counts its own log as a voter before it is on its disk',
    ensemble: true,
    faults: ['site power'],
    patch: () =>
      replaceMethod(Leader.prototype, 'step', (original) => {
        return function step(this: Leader, event) {
          original.call(this, event)
          if (event.type === 'propose') original.call(this, { type: 'synced', zxid: event.txn.zxid })
        }
      }),
  },
  {
    name: 'no quorum for commits',
    flaw: 'a leader commits what any one server has on its disk',
    ensemble: true,
    faults: ['server partition', 'crash'],
    patch: () =>
      replaceMethod(Proposals.prototype, 'add', (original) => {
        return function add(this: Proposals, proposal) {
          proposal.acks.hasQuorum = () => proposal.acks.sids.length > 0
          original.call(this, proposal)
        }
      }),
  },
  {
    name: 'no quorum for the history',
    flaw: 'a leader serves before a quorum has taken over its history',
    ensemble: true,
    faults: ['server partition', 'crash', 'site power'],
    patch: () => {
      const quorum = AckSet.prototype.hasQuorum
      return together(
        replaceMethod(AckSet.prototype, 'hasQuorum', () => {
          return function hasQuorum(this: AckSet) {
            return this.sids.length > 0
          }
        }),
        replaceMethod(Proposals.prototype, 'add', (original) => {
          return function add(this: Proposals, proposal) {
            proposal.acks.hasQuorum = quorum
            original.call(this, proposal)
          }
        }),
      )
    },
  },
  {
    name: 'no truncation',
    flaw: 'a follower that is told to cut its log back says that it has, and keeps all of it',
    ensemble: true,
    faults: ['server partition', 'crash', 'slow disk'],
    patch: () =>
      replaceMethod(ServerData.prototype, 'truncate', () => {
        return async function truncate(this: ServerData, zxid) {
          return zxid
        }
      }),
  },
  {
    name: 'epochs forgotten',
    flaw: 'the epochs that a server has agreed to are not written to its disk',
    ensemble: true,
    faults: ['site power', 'crash', 'server partition'],
    patch: () =>
      together(
        replaceMethod(EpochFiles.prototype, 'persistAccepted', () => {
          return async function persistAccepted(this: EpochFiles, epoch) {
            this.accepted = epoch
          }
        }),
        replaceMethod(EpochFiles.prototype, 'persistCurrent', () => {
          return async function persistCurrent(this: EpochFiles, epoch) {
            this.current = epoch
          }
        }),
      ),
  },
  {
    name: 'accepted epochs forgotten',
    flaw: 'a server does not write down which epoch it accepts, and may follow the leader of an earlier one when it comes back',
    ensemble: true,
    faults: [],
    patch: () =>
      replaceMethod(EpochFiles.prototype, 'persistAccepted', () => {
        return async function persistAccepted(this: EpochFiles, epoch) {
          this.accepted = epoch
        }
      }),
  },
  {
    name: 'history acknowledged early',
    flaw: 'a follower acknowledges NEWLEADER before what it was sent is on its disk',
    ensemble: true,
    faults: ['site power', 'server partition', 'crash'],
    patch: () => replaceGetter(LearnerLog.prototype, 'isSynced', () => true),
  },
  {
    name: 'largest id leads',
    flaw: 'the server with the largest id is elected, whatever it has, and nobody minds',
    ensemble: true,
    faults: ['server partition', 'crash'],
    patch: () => {
      return together(
        replaceMethod(FastLeaderElection.prototype, 'step', (original) => {
          return function step(this: FastLeaderElection, event) {
            original.call(this, event.type === 'look' ? { ...event, candidate: { zxid: 0, epoch: 0 } } : event)
          }
        }),
        replaceMethod(EpochAgreement.prototype, 'accept', (original) => {
          return function accept(this: EpochAgreement, sid, follows, { currentEpoch }) {
            return original.call(this, sid, follows, { currentEpoch: Math.min(currentEpoch, 0), lastZxid: 0 })
          }
        }),
      )
    },
  },
  {
    name: 'session moves not checked',
    flaw: 'a leader takes requests of a session from a server that its client has left',
    ensemble: true,
    faults: ['partition', 'bad links'],
    patch: () =>
      replaceMethod(SessionTracker.prototype, 'check', () => {
        return function check(this: SessionTracker<object>, id) {
          const session = this.get(id)
          return session === undefined || session.closing ? 'SESSIONEXPIRED' : 'OK'
        }
      }),
  },
  {
    name: 'farewells taken from anybody',
    flaw: 'a leader ends a session at the word of a server that its client has left, however late that comes',
    ensemble: true,
    faults: ['late farewell'],
    patch: () => {
      let farewell = false
      return together(
        replaceMethod(Processor.prototype, 'forwarded', (original) => {
          return function forwarded(this: Processor, owner, request, identities, nowMs) {
            farewell = request.opType === OpCode.closeSession
            original.call(this, owner, request, identities, nowMs)
            farewell = false
          }
        }),
        replaceMethod(SessionTracker.prototype, 'check', (original) => {
          return function check(this: SessionTracker<object>, id, owner) {
            return farewell ? 'OK' : original.call(this, id, owner)
          }
        }),
      )
    },
  },
  {
    name: 'commits out of order',
    flaw: 'a follower applies the second of two transactions first, now and then',
    ensemble: true,
    patch: () => {
      const held = new WeakMap<Forwarder, Parameters<Forwarder['committed']>>()
      return replaceMethod(Forwarder.prototype, 'committed', (original) => {
        return function committed(this: Forwarder, ...commit: Parameters<Forwarder['committed']>) {
          const before = held.get(this)
          if (before === undefined && commit[0].zxid % 16 === 0) {
            held.set(this, commit)
            return
          }
          original.apply(this, commit)
          if (before === undefined) return
          held.delete(this)
          original.apply(this, before)
        }
      })
    },
  },
  {
    name: 'touches not passed on',
    flaw: 'a follower does not tell its leader of whom it has heard',
    ensemble: true,
    patch: () => replaceMethod(LearnerSessions.prototype, 'takeTouches', () => () => []),
  },
  {
    name: 'sessions revived',
    flaw: 'a leader gives a session back that has ended',
    ensemble: true,
    faults: ['client pause', 'connection cuts'],
    patch: () => replaceMethod(Processor.prototype, 'revalidate', () => () => true),
  },
  {
    name: 'syncs answered at once',
    flaw: 'a follower answers a sync without asking its leader',
    ensemble: true,
    faults: ['bad links', 'server partition'],
    patch: () =>
      replaceMethod(Forwarder.prototype as unknown as { sync: Forwarder['handle'] }, 'sync', () => {
        return function sync(this: Forwarder, client, xid, opcode, body, nowMs) {
          const port = this as unknown as { wait: Forwarder['handle']; read: (...args: unknown[]) => void }
          if (client.waiting.first === null) port.read(client, xid, opcode, body, nowMs, nowMs)
          else port.wait(client, xid, opcode, body, nowMs)
        }
      }),
  },
  {
    name: 'oracle not asked',
    flaw: 'one of two voters that misses the other goes on alone, whatever the oracle says',
    ensemble: true,
    faults: ['server partition'],
    size: PAIR,
    patch: () =>
      together(
        replaceMethod(FastLeaderElection.prototype, 'step', (original) => {
          return function step(this: FastLeaderElection, event) {
            original.call(this, event.type === 'oracle' ? { ...event, authorizes: true } : event)
          }
        }),
        replaceMethod(Leader.prototype, 'step', (original) => {
          return function step(this: Leader, event) {
            original.call(this, event.type === 'oracle' ? { ...event, authorizes: true } : event)
          }
        }),
      ),
  },
  {
    name: 'alone with nothing on the disk',
    flaw: 'one of two voters that goes on alone commits what it has not on its own disk yet, as in Java',
    ensemble: true,
    faults: ['server partition', 'site power'],
    size: PAIR,
    patch: () =>
      replaceMethod(Proposals.prototype, 'takeReady', (original) => {
        return function takeReady(this: Proposals, alone) {
          if (alone !== null) this.after(-1)[0]?.acks.add(alone)
          return original.call(this, alone)
        }
      }),
  },
  {
    name: 'writes taken while cut off',
    flaw: 'a member that is cut off says of writes that they are done',
    ensemble: true,
    faults: ['server partition'],
    size: { readOnly: true },
    patch: () =>
      replaceMethod(ReadOnly.prototype as unknown as { refuse: (...args: unknown[]) => void }, 'refuse', (original) => {
        return function refuse(this: ReadOnly, ...[client, xid, opcode, nowMs]) {
          original.call(this, client, xid, opcode, nowMs, 0)
        }
      }),
  },
  {
    name: 'first address only',
    flaw: 'of the addresses of another member only the first one is called',
    ensemble: true,
    faults: ['network down'],
    size: { networks: 2, changes: false, joiners: 0 },
    patch: () =>
      replaceMethod(Membership.prototype, 'find', (original) => {
        return function find(this: Membership, sid) {
          const member = original.call(this, sid)
          return member === undefined ? undefined : { ...member, addresses: member.addresses.slice(0, 1) }
        }
      }),
  },
  {
    name: 'local sessions made known twice',
    flaw: 'a session that has been made known to all servers still counts as one that this server alone knows',
    ensemble: true,
    faults: [],
    patch: () =>
      replaceMethod(LocalSessions.prototype, 'release', (original) => {
        return function release(this: LocalSessions, session) {
          original.call(this, session)
          session.local = true
        }
      }),
  },
  {
    name: 'local sessions upgraded at will',
    flaw: 'a session that is to stay with its server is made known to all where it needs to be',
    ensemble: true,
    faults: [],
    patch: () =>
      replaceMethod(LocalSessions.prototype, 'open', (original) => {
        return function open(this: LocalSessions, timeoutMs, nowMs) {
          Object.assign(this, { upgrading: true })
          return original.call(this, timeoutMs, nowMs)
        }
      }),
  },
]
