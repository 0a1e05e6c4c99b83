import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OPEN_ACL_UNSAFE } from '@vivarium/protocol'
import { conduct } from '../../dist/checkers/conduct.js'
import { digests } from '../../dist/checkers/digests.js'
import { progress } from '../../dist/checkers/progress.js'
import { sequences } from '../../dist/checkers/sequences.js'
import { Story } from './story.js'

function numbered(...numbers: number[]): string {
  const story = new Story()
  const a = story.opens('A')
  for (const number of numbers) {
    const path = `/queue/n-${String(number).padStart(10, '0')}`
    const request = { kind: 'create', path: '/queue/n-', data: null, acl: OPEN_ACL_UNSAFE, flags: 2 } as const
    story.asks(a, request, { err: 0, path }, { txn: { record: { ...request, path } as never } })
  }
  return sequences.check(story.told()).join()
}

test('sequence numbers may skip, and not repeat or go back', () => {
  assert.equal(numbered(0, 1, 5), '')
  assert.match(numbered(0, 1, 1), /0000000001 was created at 4, after number 1/)
  assert.match(numbered(3, 2), /after number 3/)
})

test('a digest that differs is found, whoever notices', () => {
  const story = new Story()
  assert.deepEqual(digests.check(story.told()), [])
  assert.equal(digests.check(story.told({ digestMismatches: 1 })).length, 1)
  story.happens('error logged', 'the tree differs from what it was', 5)
  assert.equal(digests.check(story.told()).length, 1)
})

test('a client that is not served any more is found', () => {
  assert.deepEqual(progress.check(new Story().told()), [])
  assert.deepEqual(progress.check(new Story().told({ stalled: ['A waits'] })), ['A waits'])
})

test('exceptions, nonsense, and complaints without a cause are found', () => {
  const story = new Story()
  story.happens('refused', 'the server does not start', 5)
  assert.match(conduct.check(story.told()).join(), /without a cause: the server does not start/)
  assert.deepEqual(conduct.check(story.told({ faults: ['bit rot'] })), [])
  assert.match(conduct.check(story.told({ faults: ['full disk'] })).join(), /without a cause/, 'it has begun before')
  const first = new Story()
  first.happens('refused', 'server 2 does not start: The first snapshot could not be written: ENOSPC', 5)
  assert.deepEqual(conduct.check(first.told({ faults: ['full disk'] })), [])
  const given = new Story()
  given.happens('refused', 'server 2 does not start: /conf/zoo.cfg.bak cannot be written, as wanted: ENOSPC: create', 5)
  assert.deepEqual(conduct.check(given.told({ faults: ['full disk'] })), [])
  assert.match(conduct.check(given.told()).join(), /without a cause/)
  assert.deepEqual(conduct.check(new Story().told({ crashes: ['boom'], protocolErrors: ['what?'] })), ['boom', 'what?'])
})
