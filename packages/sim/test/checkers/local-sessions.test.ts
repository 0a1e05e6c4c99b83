import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OPEN_ACL_UNSAFE, OpCode } from '@vivarium/protocol'
import { durable } from '../../dist/checkers/durable.js'
import { ephemerals } from '../../dist/checkers/ephemerals.js'
import { linearizable } from '../../dist/checkers/linearizable.js'
import { Story, type Teller } from './story.js'

const ALLOWED = { ensemble: true, localSessions: true }

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
  assert.match(problems(story, { ensemble: true, localSessions: false }), /session 0x2.* was created 0 times/)
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
