import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EventType } from '@vivarium/protocol'
import { watches } from '../../dist/checkers/watches.js'
import { Story, type Teller } from './story.js'

const { NodeCreated, NodeChildrenChanged } = EventType

/** A watches /x, and B creates it, which `told` says A is told of; then A asks something. */
function watched(told: (story: Story, a: Teller) => void): string {
  const story = new Story()
  const a = story.opens('A')
  const b = story.opens('B')
  story.asks(a, { kind: 'exists', path: '/x', watch: true }, { err: -101 })
  story.creates(b, '/x')
  told(story, a)
  story.asks(a, { kind: 'sync', path: '/' }, { err: 0, path: '/' })
  return watches.check(story.told()).join()
}

test('one event for one watch, before the change is seen, is good', () => {
  assert.equal(
    watched((story, a) => story.isTold(a, NodeCreated, '/x')),
    '',
  )
})

test('an event that does not come is found', () => {
  assert.match(
    watched(() => {}),
    /had not come when request 2 was answered/,
  )
})

test('an event that comes twice is found', () => {
  const twice = watched((story, a) => {
    story.isTold(a, NodeCreated, '/x')
    story.isTold(a, NodeCreated, '/x')
  })
  assert.match(twice, /came where none was due/)
})

test('an event of another kind, and one with another zxid, are found', () => {
  assert.match(
    watched((story, a) => story.isTold(a, NodeChildrenChanged, '/x')),
    /was due/,
  )
  assert.match(
    watched((story, a) => story.isTold(a, NodeCreated, '/x', 2)),
    /was due/,
  )
})

test('an event after the answer that shows the change is found', () => {
  const late = watched((story, a) => {
    story.asks(a, { kind: 'sync', path: '/' }, { err: 0, path: '/' })
    story.isTold(a, NodeCreated, '/x')
  })
  assert.match(late, /had not come when request 2/)
})

test('a persistent recursive watch that misses a change is found', () => {
  const check = (all: boolean): string => {
    const story = new Story()
    const a = story.opens('A')
    story.asks(a, { kind: 'addWatch', path: '/', recursive: true }, { err: 0 })
    story.creates(a, '/x', { answered: false })
    story.creates(a, '/x/y', { answered: false })
    story.isTold(a, NodeCreated, '/x', 2)
    if (all) story.isTold(a, NodeCreated, '/x/y', 3)
    story.asks(a, { kind: 'sync', path: '/' }, { err: 0, path: '/' })
    return watches.check(story.told()).join()
  }
  assert.equal(check(true), '')
  assert.match(check(false), /"path":"\/x\/y","zxid":3\} had not come/)
})

test('setWatches has to tell what was missed', () => {
  const check = (told: boolean): string => {
    const story = new Story()
    const a = story.opens('A')
    story.creates(a, '/x')
    story.reconnects(a)
    if (told) story.isTold(a, NodeCreated, '/x', -1)
    else story.isTold(a, NodeChildrenChanged, '/x', -1)
    const none = { dataWatches: [], childWatches: [], persistentWatches: [], persistentRecursiveWatches: [] }
    story.asks(a, { kind: 'setWatches', watches: { ...none, relativeZxid: 1, existWatches: ['/x'] } }, { err: 0 })
    return watches.check(story.told()).join()
  }
  assert.equal(check(true), '')
  assert.match(check(false), /was due/)
})
