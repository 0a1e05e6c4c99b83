import assert from 'node:assert/strict'
import { test } from 'node:test'
import { linearizable } from '../../dist/checkers/linearizable.js'
import { newStat, Story } from './story.js'

test('reads and writes that the model has are good', () => {
  const story = new Story()
  const a = story.opens('A')
  story.creates(a, '/x')
  story.asks(a, { kind: 'getData', path: '/x', watch: false }, { err: 0, data: 'x', stat: newStat(2) })
  assert.deepEqual(linearizable.check(story.told()), [])
})

test('a read that shows what nobody wrote is found', () => {
  const story = new Story()
  const a = story.opens('A')
  story.creates(a, '/x')
  story.asks(a, { kind: 'getData', path: '/x', watch: false }, { err: 0, data: 'y', stat: newStat(2) })
  assert.match(linearizable.check(story.told()).join(), /getData.*"data":"y".*the model has.*"data":"x"/)
})

test('a write that succeeds where it must fail is found', () => {
  const story = new Story()
  const a = story.opens('A')
  story.creates(a, '/x')
  story.creates(a, '/x')
  assert.match(linearizable.check(story.told()).join(), /the model has \{"err":-110\}/)
})

test('a read from before a write that had been answered is found', () => {
  const story = new Story()
  const a = story.opens('A')
  const b = story.opens('B')
  story.creates(a, '/x')
  story.asks(b, { kind: 'exists', path: '/x', watch: false }, { err: -101 }, { zxid: 2 })
  assert.match(linearizable.check(story.told()).join(), /has zxid 2, though 3 had been answered/)
})

test('a tree that has lost something at the end is found', () => {
  const story = new Story()
  story.creates(story.opens('A'), '/x')
  assert.match(linearizable.check(story.told({ finalTree: [] })).join(), /there is no \/x/)
})

test('a transaction that no request explains is found', () => {
  const story = new Story()
  story.opens('A')
  story.logs({ type: 1, clientId: 1n, cxid: 9 })
  assert.match(linearizable.check(story.told()).join(), /a request that nobody made/)
})

/** B reads after A's write, with a sync in front or without, on a member that knows of epoch `epoch` when 2 has begun. */
function readsStale(sync: boolean, epoch: number): string {
  const story = new Story()
  const a = story.opens('A')
  const b = story.opens('B')
  story.creates(a, '/x')
  if (sync) story.asks(b, { kind: 'sync', path: '/' }, { err: 0, path: '/' })
  story.asks(b, { kind: 'exists', path: '/x', watch: false }, { err: -101 }, { zxid: 2 })
  const connections = story.connections.map((connection) => ({ ...connection, server: '10.0.0.1' }))
  const incidents = [
    { ms: 1, kind: 'following' as const, server: 1, text: '', epoch },
    { ms: 2, kind: 'serving' as const, server: 2, text: '', epoch: 2 },
  ]
  return linearizable.check(story.told({ ensemble: true, connections, incidents })).join()
}

test('a member of an ensemble may be behind, but not after a sync, unless its leader has been deposed', () => {
  assert.equal(readsStale(false, 2), '')
  assert.match(readsStale(true, 2), /has zxid 2, though 3 had been answered/)
  assert.equal(readsStale(true, 1), '')
})

test('a read at the beginning of an epoch shows what was there before', () => {
  const story = new Story()
  const a = story.opens('A')
  story.creates(a, '/x')
  const begin = 2 ** 32
  story.asks(a, { kind: 'exists', path: '/x', watch: false }, { err: 0, stat: newStat(2) }, { zxid: begin })
  assert.deepEqual(linearizable.check(story.told({ ensemble: true })), [])
  story.asks(a, { kind: 'exists', path: '/x', watch: false }, { err: -101 }, { zxid: begin })
  assert.match(linearizable.check(story.told({ ensemble: true })).join(), /the model has/)
})

test('behind a sync, a follower may not have heard of the epoch yet, but it has what was there before', () => {
  const told = (zxid: number): string => {
    const story = new Story()
    const a = story.opens('A')
    const b = story.opens('B')
    story.creates(a, '/x')
    const asked = { zxid, floorZxid: 2 ** 32 }
    story.asks(b, { kind: 'sync', path: '/' }, { err: 0, path: '/' }, asked)
    return linearizable.check(story.told({ ensemble: true })).join()
  }
  assert.equal(told(3), '')
  assert.match(told(2), /has zxid 2, though 3 had been answered/)
})
