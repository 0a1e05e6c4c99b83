import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  type Candidate,
  decodeNotification,
  type ElectionEvent,
  encodeNotification,
  FastLeaderElection,
  NO_VOTE,
  PeerState,
  type Vote,
} from '../../dist/election/index.js'
import { parseQuorumConfig, QuorumConfig } from '../../dist/quorum/index.js'

interface Member {
  readonly sid: number
  readonly candidate: Candidate
  readonly observer?: boolean
}

/** Servers that exchange notifications in whatever order is asked for, as bytes. */
class Ensemble {
  readonly config: QuorumConfig
  readonly machines = new Map<number, FastLeaderElection>()
  readonly elected = new Map<number, Vote>()
  readonly timers = new Map<number, number>()
  readonly down = new Set<number>()
  /** Messages under way: between two servers they keep their order. */
  readonly links = new Map<string, { from: number; to: number; bytes: Uint8Array }[]>()
  readonly lookingVoters: number[] = []
  /** Whom an oracle would let go on alone, if it is asked. */
  authorized: number | null = null

  readonly members: readonly Member[]

  constructor(members: readonly Member[], oracle = false) {
    this.members = members
    const lines = this.members.map(
      ({ sid, observer }) => `server.${sid}=h${sid}:1:2:${observer ? 'observer' : 'participant'}`,
    )
    this.config = parseQuorumConfig(lines.join('\n')) as QuorumConfig
    for (const { sid } of this.members) {
      this.machines.set(sid, new FastLeaderElection({ sid, minIntervalMs: 200, maxIntervalMs: 60_000, oracle }))
    }
  }

  look(sid: number): void {
    const { candidate, observer } = this.members.find((member) => member.sid === sid) as Member
    this.elected.delete(sid)
    this.step(sid, {
      type: 'look',
      candidate,
      participant: observer !== true,
      config: this.config,
      lastSeen: this.config,
    })
  }

  step(sid: number, event: ElectionEvent): void {
    const machine = this.machines.get(sid) as FastLeaderElection
    machine.step(event)
    for (const effect of machine.takeEffects()) {
      if (effect.type === 'send') this.#post(sid, effect.to, encodeNotification(effect.notification))
      else if (effect.type === 'askOracle') this.step(sid, { type: 'oracle', authorizes: sid === this.authorized })
      else if (effect.type === 'timer') this.timers.set(sid, effect.ms)
      else if (effect.type === 'elected') {
        this.elected.set(sid, effect.vote)
        this.timers.delete(sid)
      } else if (effect.type === 'lookingVoter') this.lookingVoters.push(effect.sid)
    }
  }

  #post(from: number, to: number, bytes: Uint8Array): void {
    const key = `${from}>${to}`
    const link = this.links.get(key)
    if (link === undefined) this.links.set(key, [{ from, to, bytes }])
    else link.push({ from, to, bytes })
  }

  /** Delivers the oldest message of the link that `pick` chooses. False if there is none. */
  deliver(pick: (count: number) => number): boolean {
    const links = [...this.links.values()].filter((link) => link.length > 0)
    if (links.length === 0) return false
    const { from, to, bytes } = (links[pick(links.length)] as (typeof links)[0]).shift() as {
      from: number
      to: number
      bytes: Uint8Array
    }
    const notification = decodeNotification(bytes)
    assert.ok(notification !== undefined)
    if (!this.down.has(to) && !this.down.has(from)) this.step(to, { type: 'notification', sid: from, notification })
    return true
  }

  /** Delivers all there is; then lets the shortest timer run out, until all that are up have a leader. */
  settle(pick: (count: number) => number = () => 0): void {
    for (let round = 0; round < 200; round++) {
      while (this.deliver(pick)) {}
      const waiting = [...this.timers].filter(([sid]) => !this.down.has(sid)).sort((a, b) => a[1] - b[1] || a[0] - b[0])
      const next = waiting[0]
      if (next === undefined) return
      this.timers.delete(next[0])
      this.step(next[0], { type: 'timeout', delivered: true })
    }
    assert.fail('no leader was found')
  }
}

const member = (sid: number, zxid: number, epoch: number): Member => ({ sid, candidate: { zxid, epoch } })

test('the latest epoch wins, then the latest zxid, then the highest id', () => {
  for (const [members, leader] of [
    [[member(1, 9, 1), member(2, 5, 2), member(3, 8, 1)], 2],
    [[member(1, 9, 1), member(2, 5, 1), member(3, 8, 1)], 1],
    [[member(1, 9, 1), member(2, 9, 1), member(3, 9, 1)], 3],
  ] as const) {
    const ensemble = new Ensemble(members)
    for (const { sid } of members) ensemble.look(sid)
    ensemble.settle()
    for (const { sid } of members) {
      assert.equal(ensemble.elected.get(sid)?.leader, leader)
      assert.equal(ensemble.machines.get(sid)?.state, sid === leader ? PeerState.LEADING : PeerState.FOLLOWING)
    }
  }
})

test('in whatever order messages arrive, all agree on a server that no voter of the quorum beats', () => {
  const members = fc.array(fc.record({ zxid: fc.integer({ min: 0, max: 3 }), epoch: fc.integer({ min: 0, max: 2 }) }), {
    minLength: 3,
    maxLength: 5,
  })
  fc.assert(
    fc.property(members, fc.infiniteStream(fc.nat()), fc.nat(), (candidates, stream, starts) => {
      const ensemble = new Ensemble(candidates.map((candidate, i) => ({ sid: i + 1, candidate })))
      const random = stream[Symbol.iterator]()
      const pick = (count: number): number => (random.next().value as number) % count
      // They begin at different times: messages of the first are under way before the last one starts.
      for (let i = 0; i < candidates.length; i++) {
        ensemble.look(((i + starts) % candidates.length) + 1)
        for (let k = pick(6); k > 0; k--) ensemble.deliver(pick)
      }
      ensemble.settle(pick)
      const leaders = new Set([...ensemble.elected.values()].map((vote) => vote.leader))
      assert.equal(leaders.size, 1)
      assert.equal(ensemble.elected.size, candidates.length)
    }),
    { numRuns: 300 },
  )
})

test('nobody waits for a better candidate once all that can be reached have voted', () => {
  const deliverAll = (ensemble: Ensemble): void => {
    while (ensemble.deliver(() => 0)) {}
  }
  const whole = new Ensemble([member(1, 1, 1), member(2, 1, 1), member(3, 1, 1)])
  for (const sid of [1, 2, 3]) whole.look(sid)
  deliverAll(whole)
  assert.deepEqual([...whole.elected.keys()].sort(), [1, 2, 3])

  const bereft = new Ensemble([member(1, 1, 1), member(2, 1, 1), member(3, 1, 1)])
  bereft.down.add(3)
  bereft.step(1, { type: 'reachable', sid: 3, reachable: false })
  for (const sid of [1, 2]) bereft.look(sid)
  deliverAll(bereft)
  assert.equal(bereft.elected.get(1)?.leader, 2, 'it knows that server 3 is not there')
  assert.equal(bereft.elected.get(2), undefined, 'it does not, and waits')
  bereft.step(2, { type: 'reachable', sid: 3, reachable: false })
  assert.equal(bereft.elected.get(2)?.leader, 2)

  const back = new Ensemble([member(1, 1, 1), member(2, 1, 1), member(3, 1, 1)])
  back.down.add(3)
  for (const reachable of [false, true]) back.step(1, { type: 'reachable', sid: 3, reachable })
  for (const sid of [1, 2]) back.look(sid)
  deliverAll(back)
  assert.equal(back.elected.size, 0)
})

test('who begins to look a moment after another is told what that one wants, without another round', () => {
  const ensemble = new Ensemble([member(1, 1, 1), member(2, 1, 1), member(3, 1, 1)])
  ensemble.down.add(3)
  for (const sid of [1, 2]) ensemble.look(sid)
  ensemble.settle()
  ensemble.down.delete(3)
  ensemble.look(3)
  ensemble.settle()
  assert.equal(ensemble.elected.get(3)?.leader, 2)

  ensemble.down.add(2)
  ensemble.look(3)
  while (ensemble.deliver(() => 0)) {}
  assert.deepEqual([...ensemble.timers.keys()], [3], 'server 1 still has its leader')
  ensemble.look(1)
  for (const sid of [1, 3]) ensemble.step(sid, { type: 'reachable', sid: 2, reachable: false })
  while (ensemble.deliver(() => 0)) {}
  for (const sid of [1, 3]) assert.equal(ensemble.elected.get(sid)?.leader, 3)
})

test('two who look are not told twice what they know, nor is a server by itself', () => {
  const ensemble = new Ensemble([member(1, 1, 1), member(2, 1, 1), member(3, 1, 1)])
  ensemble.down.add(3)
  for (const sid of [1, 2]) ensemble.look(sid)
  let messages = 0
  while (ensemble.deliver(() => 0)) messages++
  // Each tells all three; server 1 is answered, and tells all of what it has taken over.
  assert.equal(messages, 3 + 3 + 1 + 3)
})

test('a minority finds no leader', () => {
  const ensemble = new Ensemble([member(1, 1, 1), member(2, 1, 1), member(3, 1, 1), member(4, 1, 1), member(5, 1, 1)])
  for (const sid of [3, 4, 5]) ensemble.down.add(sid)
  ensemble.look(1)
  ensemble.look(2)
  assert.throws(() => ensemble.settle(), /no leader was found/)
})

test('a server that comes late finds the leader that there is, though it beats it', () => {
  const ensemble = new Ensemble([member(1, 1, 1), member(2, 2, 1), member(3, 9, 1)])
  ensemble.down.add(3)
  ensemble.look(1)
  ensemble.look(2)
  ensemble.settle()
  for (const sid of [1, 2]) ensemble.step(sid, { type: 'epoch', epoch: 2 })
  ensemble.links.clear()
  ensemble.down.delete(3)
  ensemble.look(3)
  ensemble.settle()
  assert.equal(ensemble.elected.get(3)?.leader, 2)
  assert.deepEqual(ensemble.lookingVoters, [3])
})

test('votes of one leader in different epochs are no quorum: the epoch must be carried over (ZOOKEEPER-1732)', () => {
  const ensemble = new Ensemble([member(1, 1, 1), member(2, 2, 1), member(3, 9, 1)])
  ensemble.down.add(3)
  ensemble.look(1)
  ensemble.look(2)
  ensemble.settle()
  ensemble.step(2, { type: 'epoch', epoch: 2 })
  ensemble.links.clear()
  ensemble.down.delete(3)
  ensemble.look(3)
  assert.throws(() => ensemble.settle(), /no leader was found/)
})

test('a leader that has crashed is not elected on the word of its followers', () => {
  const ensemble = new Ensemble([member(1, 1, 1), member(2, 2, 1), member(3, 9, 1)])
  for (const sid of [1, 2, 3]) ensemble.look(sid)
  ensemble.settle()
  assert.equal(ensemble.elected.get(1)?.leader, 3)
  ensemble.down.add(3)
  ensemble.links.clear()
  ensemble.look(1)
  while (ensemble.deliver(() => 0)) {}
  assert.equal(ensemble.elected.has(1), false)
  ensemble.look(2)
  ensemble.settle()
  assert.equal(ensemble.elected.get(1)?.leader, 2)
})

test('an observer learns the leader and has no vote', () => {
  const ensemble = new Ensemble([
    member(1, 1, 1),
    member(2, 2, 1),
    { sid: 3, candidate: { zxid: 9, epoch: 9 }, observer: true },
  ])
  for (const sid of [1, 2, 3]) ensemble.look(sid)
  ensemble.settle()
  assert.equal(ensemble.elected.get(3)?.leader, 2)
  assert.equal(ensemble.machines.get(3)?.state, PeerState.OBSERVING)
})

test('an observer that has looked more often than the voters does not keep them talking', () => {
  const ensemble = new Ensemble([
    member(1, 1, 1),
    member(2, 2, 1),
    { sid: 3, candidate: { zxid: 9, epoch: 9 }, observer: true },
  ])
  ensemble.down.add(2)
  for (const sid of [3, 3, 3, 1]) ensemble.look(sid)
  let messages = 0
  while (messages < 1000 && ensemble.deliver(() => 0)) messages++
  assert.ok(messages < 20, `${messages} messages before anybody's timer ran out`)
})

test('an empty database that nobody vouches for neither votes nor is voted for (ZOOKEEPER-261)', () => {
  const ensemble = new Ensemble([member(1, -1, 0), member(2, -1, 0), member(3, 5, 1)])
  for (const sid of [1, 2, 3]) ensemble.look(sid)
  assert.throws(() => ensemble.settle(), /no leader was found/)
})

test('a notification is laid out as Java lays it out', () => {
  const bytes = encodeNotification({
    state: PeerState.LEADING,
    leader: 3,
    zxid: 0x1_0000_0002,
    electionEpoch: 7,
    peerEpoch: 1,
    config: 'version=0',
  })
  const hex =
    '00000002' + '0000000000000003' + '0000000100000002' + '0000000000000007' + '0000000000000001' + '00000002'
  assert.equal(Buffer.from(bytes).toString('hex'), `${hex}00000009${Buffer.from('version=0').toString('hex')}`)
})

test('older formats are read, and malformed messages are told from them', () => {
  const bytes = encodeNotification({
    state: 1,
    leader: 2,
    zxid: 5 * 2 ** 32,
    electionEpoch: 3,
    peerEpoch: 4,
    config: null,
  })
  assert.equal(decodeNotification(bytes.slice(0, 28))?.peerEpoch, 5)
  assert.deepEqual(decodeNotification(bytes.slice(0, 40)), {
    state: 1,
    leader: 2,
    zxid: 5 * 2 ** 32,
    electionEpoch: 3,
    peerEpoch: 4,
    version: 0,
    config: null,
  })
  for (const length of [0, 27, 29, 39, 41, 43])
    assert.equal(decodeNotification(bytes.slice(0, length)), undefined, `${length}`)
  const observer = encodeNotification({
    state: 3,
    leader: NO_VOTE,
    zxid: NO_VOTE,
    electionEpoch: 1,
    peerEpoch: NO_VOTE,
    config: '',
  })
  assert.equal(decodeNotification(observer)?.zxid, NO_VOTE)
  fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), (noise) => void decodeNotification(noise)))
})

test('a reconfiguration may name the leader, and others are told so', () => {
  const ensemble = new Ensemble([1, 2, 3].map((sid) => ({ sid, candidate: { zxid: 5, epoch: 1 } })))
  const zxid = 0x1_0000_0009
  ensemble.step(2, { type: 'designated', leader: 2, zxid, participant: true })
  ensemble.step(3, { type: 'designated', leader: 2, zxid, participant: true })
  const state = (sid: number): unknown => ensemble.machines.get(sid)?.state
  assert.deepEqual([2, 3].map(state), [PeerState.LEADING, PeerState.FOLLOWING])
  assert.deepEqual(ensemble.elected.get(3), {
    leader: 2,
    zxid,
    electionEpoch: -1,
    peerEpoch: -1,
    state: PeerState.LOOKING,
    version: 0,
  })
  for (const sid of [2, 3]) {
    ensemble.step(sid, { type: 'configured', config: ensemble.config, lastSeen: ensemble.config })
    ensemble.step(sid, { type: 'epoch', epoch: 2 })
  }
  ensemble.look(1)
  while (ensemble.deliver(() => 0));
  assert.equal(ensemble.elected.get(1)?.leader, 2)
  assert.equal(state(1), PeerState.FOLLOWING)
})

test('who becomes an observer observes the leader that is named', () => {
  const ensemble = new Ensemble([1, 2, 3].map((sid) => ({ sid, candidate: { zxid: 5, epoch: 1 } })))
  ensemble.step(1, { type: 'designated', leader: 2, zxid: 5, participant: false })
  assert.equal(ensemble.machines.get(1)?.state, PeerState.OBSERVING)
})

test('who has lost its vote does not answer what it said to itself', () => {
  const ensemble = new Ensemble([1, 2, 3].map((sid) => ({ sid, candidate: { zxid: 5, epoch: 1 } })))
  ensemble.look(3)
  const without = parseQuorumConfig('server.1=h1:1:2\nserver.2=h2:1:2') as QuorumConfig
  ensemble.step(3, { type: 'configured', config: without, lastSeen: without })
  const own = ensemble.links.get('3>3')?.splice(0) ?? []
  assert.equal(own.length, 1)
  for (const { bytes } of own) {
    ensemble.step(3, { type: 'notification', sid: 3, notification: decodeNotification(bytes)! })
  }
  assert.deepEqual(ensemble.links.get('3>3'), [])
})

test('a proposal that came to nothing keeps nobody from following those who have a leader', () => {
  const ensemble = new Ensemble([1, 3, 4, 5].map((sid) => ({ sid, candidate: { zxid: 5, epoch: 1 } })))
  const three = parseQuorumConfig('server.3=h3:1:2\nserver.4=h4:1:2\nserver.5=h5:1:2\nversion=1') as QuorumConfig
  const other = parseQuorumConfig('server.1=h1:1:2\nserver.5=h5:1:2\nversion=2') as QuorumConfig
  for (const sid of [3, 4]) {
    ensemble.step(sid, { type: 'designated', leader: 4, zxid: 5, participant: true })
    ensemble.step(sid, { type: 'configured', config: three, lastSeen: three })
    ensemble.step(sid, { type: 'epoch', epoch: 2 })
  }
  ensemble.down.add(1)
  const candidate = { zxid: 9, epoch: 1 }
  ensemble.step(5, { type: 'look', candidate, participant: true, config: three, lastSeen: other })
  while (ensemble.deliver(() => 0));
  assert.equal(ensemble.elected.get(5)?.leader, 4)
})

test('who does not know yet that it has a vote gives it, in whichever round it is needed', () => {
  const ensemble = new Ensemble([1, 2].map((sid) => ({ sid, candidate: { zxid: 9 - sid, epoch: 1 } })))
  const one = parseQuorumConfig('server.1=h1:1:2\nversion=1') as QuorumConfig
  const both = parseQuorumConfig('server.1=h1:1:2\nserver.2=h2:1:2\nversion=2') as QuorumConfig
  // Server 2 has looked for a leader before, and counts more rounds than the other one.
  const { candidate } = ensemble.members[1] as Member
  for (let round = 0; round < 3; round++) {
    ensemble.step(2, { type: 'look', candidate, participant: true, config: one, lastSeen: one })
  }
  ensemble.links.clear()
  const other = ensemble.members[0] as Member
  ensemble.step(1, { type: 'look', candidate: other.candidate, participant: true, config: one, lastSeen: both })
  while (ensemble.deliver(() => 0));
  for (const sid of [1, 2]) ensemble.step(sid, { type: 'timeout', delivered: true })
  while (ensemble.deliver(() => 0));
  assert.deepEqual(ensemble.machines.get(1)?.state, PeerState.LEADING)
})

for (const [rounds, ofWhom] of [
  [[1, 4], 'the one that is to join'],
  [[4, 1], 'the one in force'],
] as const) {
  test(`a voter to which a configuration adds another one is elected, though ${ofWhom} counts more rounds`, () => {
    const ensemble = new Ensemble([1, 2].map((sid) => ({ sid, candidate: { zxid: 9, epoch: 1 } })))
    const one = parseQuorumConfig('server.1=h1:1:2\nversion=1') as QuorumConfig
    const both = parseQuorumConfig('server.1=h1:1:2\nserver.2=h2:1:2\nversion=2') as QuorumConfig
    // Both know what was proposed. Server 2 has no vote until that is in force, but is needed for it.
    for (const { sid, candidate } of ensemble.members) {
      for (let round = rounds[sid - 1] as number; round > 0; round--) {
        ensemble.links.clear()
        ensemble.step(sid, { type: 'look', candidate, participant: true, config: one, lastSeen: both })
      }
    }
    for (let waits = 0; waits < 3; waits++) {
      while (ensemble.deliver(() => 0));
      for (const sid of [1, 2]) ensemble.step(sid, { type: 'timeout', delivered: true })
    }
    while (ensemble.deliver(() => 0));
    assert.deepEqual(ensemble.machines.get(1)?.state, PeerState.LEADING)
    assert.deepEqual(ensemble.machines.get(2)?.currentVote.leader, 1)
  })
}

test('servers that have yet to come into force do not talk for ever, with each other or with themselves', () => {
  const one = parseQuorumConfig('server.1=h1:1:2\nversion=1') as QuorumConfig
  const all = parseQuorumConfig([1, 2, 3].map((sid) => `server.${sid}=h${sid}:1:2`).join('\n')) as QuorumConfig
  const lastSeen = new QuorumConfig([...all.members.values()], 2)
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 3, maxLength: 3 }),
      fc.constantFrom<readonly number[]>([2, 3], [1, 2, 3]),
      fc.array(fc.nat(), { minLength: 50, maxLength: 50 }),
      (rounds, up, picks) => {
        const ensemble = new Ensemble([1, 2, 3].map((sid) => ({ sid, candidate: { zxid: 9, epoch: 1 } })))
        for (const { sid, candidate } of ensemble.members) {
          if (!up.includes(sid)) ensemble.down.add(sid)
          // Some have looked in a configuration in which they had a vote, and may still hear of that.
          ensemble.step(sid, { type: 'look', candidate, participant: true, config: all, lastSeen: all })
          for (let round = rounds[sid - 1] as number; round > 0; round--) {
            ensemble.step(sid, { type: 'look', candidate, participant: true, config: one, lastSeen })
          }
        }
        let deliveries = 0
        while (ensemble.deliver((count) => (picks[deliveries % picks.length] as number) % count)) {
          assert.ok(++deliveries < 500, 'they do not come to an end')
        }
      },
    ),
  )
})

test('one who follows without a vote and one who looks do not answer each other for ever', () => {
  const ensemble = new Ensemble([1, 2, 3, 4].map((sid) => ({ sid, candidate: { zxid: 5, epoch: 1 } })))
  const three = parseQuorumConfig([1, 2, 3].map((sid) => `server.${sid}=h${sid}:1:2`).join('\n')) as QuorumConfig
  ensemble.step(4, { type: 'configured', config: three, lastSeen: three })
  ensemble.step(4, { type: 'designated', leader: 2, zxid: 5, participant: true })
  for (const sid of [1, 2]) ensemble.down.add(sid)
  const { candidate } = ensemble.members[2] as Member
  ensemble.step(3, { type: 'look', candidate, participant: true, config: three, lastSeen: three })
  const asked = {
    state: PeerState.LOOKING,
    leader: NO_VOTE,
    zxid: 5,
    electionEpoch: 1,
    peerEpoch: 1,
    version: 2,
    config: null,
  }
  ensemble.step(3, { type: 'notification', sid: 4, notification: asked })
  let delivered = 0
  while (ensemble.deliver(() => 0)) assert.ok(++delivered < 20, 'it comes to an end')
})

test('one who counts the other as a voter, and is none to it, does not answer for ever', () => {
  const ensemble = new Ensemble([member(1, 1, 1), member(2, 1, 1), member(3, 1, 1)])
  ensemble.down.add(2)
  const without = parseQuorumConfig('server.1=h1:1:2\nserver.2=h2:1:2') as QuorumConfig
  ensemble.look(3)
  const candidate = { zxid: 1, epoch: 1 }
  ensemble.step(1, { type: 'look', candidate, participant: true, config: without, lastSeen: without })
  let messages = 0
  while (ensemble.deliver(() => 0)) assert.ok(++messages < 20)
})

test('votes are counted by the configurations that are known now', () => {
  const ensemble = new Ensemble([1, 2, 3, 4].map((sid) => ({ sid, candidate: { zxid: 5, epoch: 1 } })))
  const three = parseQuorumConfig([1, 2, 3].map((sid) => `server.${sid}=h${sid}:1:2`).join('\n')) as QuorumConfig
  ensemble.step(1, { type: 'designated', leader: 2, zxid: 5, participant: true })
  ensemble.step(1, { type: 'configured', config: three, lastSeen: three })
  const asked = {
    state: PeerState.LOOKING,
    leader: 4,
    zxid: 5,
    electionEpoch: 7,
    peerEpoch: 1,
    version: 2,
    config: null,
  }
  const answer = (): unknown => {
    ensemble.links.clear()
    ensemble.step(1, { type: 'notification', sid: 4, notification: asked })
    const bytes = ensemble.links.get('1>4')?.[0]?.bytes as Uint8Array
    return decodeNotification(bytes)?.electionEpoch
  }
  assert.equal(answer(), 0, 'who has no vote is told the round')
  ensemble.step(1, { type: 'configured', config: three, lastSeen: ensemble.config })
  assert.equal(answer(), -1, 'who is to have one is told the vote')
})

// ---- an oracle (QuorumOracleMaj)

const pair = (oracle = true): Ensemble => new Ensemble([member(1, 9, 1), member(2, 9, 1)], oracle)

/** Time passes for one that hears nothing. */
function wait(ensemble: Ensemble, sid: number, times: number): number[] {
  const intervals: number[] = []
  for (; times > 0 && !ensemble.elected.has(sid); times--) {
    while (ensemble.deliver(() => 0)) {}
    ensemble.step(sid, { type: 'timeout', delivered: true })
    intervals.push(ensemble.timers.get(sid) ?? 0)
  }
  return intervals
}

test('one of two voters leads alone once an oracle lets it, for which it goes on asking', () => {
  const ensemble = pair()
  ensemble.down.add(2)
  ensemble.look(1)
  assert.deepEqual(wait(ensemble, 1, 6), [400, 800, 1000, 1000, 1000, 1000])
  assert.equal(ensemble.elected.size, 0)
  ensemble.authorized = 1
  wait(ensemble, 1, 1)
  assert.equal(ensemble.machines.get(1)?.state, PeerState.LEADING)
})

test('without an oracle, or with an oracle and three voters, nobody leads alone', () => {
  for (const ensemble of [
    pair(false),
    new Ensemble(
      [1, 2, 3].map((sid) => member(sid, 9, 1)),
      true,
    ),
  ]) {
    ensemble.authorized = 1
    for (const sid of [2, 3]) ensemble.down.add(sid)
    ensemble.look(1)
    assert.deepEqual(wait(ensemble, 1, 4), [400, 800, 1600, 3200])
  }
})

test('an oracle does not vouch for an empty database', () => {
  const ensemble = new Ensemble([member(1, -1, 0), member(2, 9, 1)], true)
  ensemble.authorized = 1
  ensemble.down.add(2)
  ensemble.look(1)
  wait(ensemble, 1, 4)
  assert.equal(ensemble.elected.size, 0)
})

test('two voters that hear each other do not need an oracle', () => {
  for (const authorized of [null, 1, 2]) {
    const ensemble = pair()
    ensemble.authorized = authorized
    for (const sid of [1, 2]) ensemble.look(sid)
    ensemble.settle()
    for (const sid of [1, 2]) assert.equal(ensemble.elected.get(sid)?.leader, 2)
  }
})

test('who comes back follows the other that leads alone, unless the oracle is for it', () => {
  for (const [authorized, state] of [
    [1, PeerState.FOLLOWING],
    [null, PeerState.FOLLOWING],
    [2, PeerState.LEADING],
  ] as const) {
    const ensemble = pair()
    ensemble.down.add(2)
    ensemble.authorized = 1
    ensemble.look(1)
    wait(ensemble, 1, 1)
    ensemble.down.delete(2)
    ensemble.authorized = authorized
    ensemble.look(2)
    wait(ensemble, 2, 1)
    assert.equal(ensemble.machines.get(2)?.state, state)
    if (state === PeerState.FOLLOWING) assert.equal(ensemble.elected.get(2)?.electionEpoch, 1)
  }
})

test('an observer of two voters follows the one that leads alone, and leads nobody itself', () => {
  const ensemble = new Ensemble([member(1, 9, 1), member(2, 9, 1), { ...member(3, 9, 1), observer: true }], true)
  ensemble.down.add(2)
  ensemble.authorized = 1
  ensemble.look(1)
  wait(ensemble, 1, 1)
  ensemble.look(3)
  while (ensemble.deliver(() => 0)) {}
  assert.equal(ensemble.machines.get(3)?.state, PeerState.OBSERVING)
  const alone = new Ensemble(ensemble.members, true)
  for (const sid of [1, 2]) alone.down.add(sid)
  alone.authorized = 3
  alone.look(3)
  wait(alone, 3, 4)
  assert.equal(alone.elected.size, 0)
})
