import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OPEN_ACL_UNSAFE, OpCode } from '@vivarium/protocol'
import { durable } from '../../dist/checkers/durable.js'
import { ephemerals } from '../../dist/checkers/ephemerals.js'
import { errors } from '../../dist/checkers/errors.js'
import { linearizable } from '../../dist/checkers/linearizable.js'
import { localSessions } from '../../dist/checkers/local-sessions.js'
import { EPHEMERAL_ON_LOCAL_SESSION } from '../../dist/workloads/requests.js'
import { Story, type Teller } from './story.js'

const ALLOWED = { ensemble: true, localSessions: true, upgrading: true }
const TO_STAY = { ...ALLOWED, upgrading: false }

/** A session of which no log knows. */
function local(story: Story, client: string): Teller {
  const teller = story.opens(client)
  story.transactions.pop()
  story.zxid--
  return teller
}

const problems = (story: Story, allowed = ALLOWED): string =>
  [durable, linearizable, ephemerals].flatMap(({ check }) => check(story.told(allowed))).join()

test('a session that stays with its server begins and ends in no log, where that is allowed', () => {
  const story = new Story()
  const other = story.opens('A')
  const a = local(story, 'B')
  story.creates(other, '/x')
  story.creates(a, '/y')
  a.session.closedMs = story.nowMs
  story.asks(a, { kind: 'closeSession' }, { err: 0 }, { txn: null })
  assert.equal(problems(story), '')
  assert.match(problems(story, { ...ALLOWED, localSessions: false }), /session 0x2.* was created 0 times/)
})

test('it may end before its time, when its client moves; one that all know may not', () => {
  const story = new Story()
  const a = story.opens('A')
  story.asks(a, { kind: 'ping' }, { err: 0 })
  story.happens('session ended', 'ends', story.nowMs, a.session.id)
  const found = (changes: object): string => ephemerals.check(story.told({ localSessions: true, ...changes })).join()
  assert.match(found({}), /session 0x1 of A ended at/)
  assert.equal(found({ transactions: [] }), '')
})

test('one that has made an ephemeral znode has to be known to all', () => {
  const create = { kind: 'create', path: '/e', data: null, acl: OPEN_ACL_UNSAFE, flags: 1 } as const
  const single = new Story()
  single.asks(local(single, 'A'), create, { err: 0, path: '/e' }, { txn: { type: OpCode.create } })
  assert.match(problems(single), /session 0x1.* was created 0 times/)
  const several = new Story()
  const results = [{ err: 0, path: '/e' }]
  several.asks(
    local(several, 'A'),
    { kind: 'multi', operations: [create] },
    { err: 0, results },
    { txn: { record: { txns: [] } } },
  )
  assert.match(durable.check(several.told(ALLOWED)).join(), /session 0x1.* was created 0 times/)
  const refused = new Story()
  refused.asks(local(refused, 'A'), create, { err: -110 })
  assert.doesNotMatch(durable.check(refused.told(ALLOWED)).join(), /was created/)
})

const EPHEMERAL = { kind: 'create', path: '/e', data: null, acl: OPEN_ACL_UNSAFE, flags: 1 } as const

test('one that is to stay is refused an ephemeral znode, which nothing is said of anywhere', () => {
  const story = new Story()
  const a = local(story, 'A')
  story.creates(a, '/y')
  story.asks(a, EPHEMERAL, { err: EPHEMERAL_ON_LOCAL_SESSION }, { txn: null })
  const check = (allowed: object): string =>
    [durable, linearizable, errors, localSessions].flatMap((one) => one.check(story.told(allowed))).join()
  assert.equal(check(TO_STAY), '')
  assert.match(check(ALLOWED), /A's request 2, .* was refused for its session's sake/)
})

test('one that is to stay is not made known to all, and makes no ephemeral znode', () => {
  const known = new Story()
  known.creates(known.opens('A'), '/x')
  assert.match(localSessions.check(known.told(TO_STAY)).join(), /session 0x1 was made known to all/)
  assert.deepEqual(localSessions.check(known.told(ALLOWED)), [])
  const refused = new Story()
  const plain = { kind: 'create', path: '/e', data: null, acl: OPEN_ACL_UNSAFE, flags: 0 } as const
  refused.asks(local(refused, 'A'), plain, { err: EPHEMERAL_ON_LOCAL_SESSION }, { txn: null })
  assert.match(localSessions.check(refused.told(TO_STAY)).join(), /was refused for its session's sake/)
  const made = new Story()
  made.asks(local(made, 'A'), EPHEMERAL, { err: 0, path: '/e' }, { txn: { type: OpCode.create } })
  assert.match(localSessions.check(made.told(TO_STAY)).join(), /made an ephemeral znode of a session that is to stay/)
})
