import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lagOf, type Member, zxidParts } from '../../dist/app/ensemble/types.js'

const member = (zxid: string | null): Member => ({
  sid: null,
  address: '',
  self: false,
  voting: true,
  problem: null,
  figures:
    zxid === null
      ? null
      : {
          mode: 'follower',
          version: '',
          zxid,
          latency: { min: 0, average: 0, max: 0 },
          received: 0,
          sent: 0,
          connections: 0,
          outstanding: 0,
          nodes: 0,
        },
})

test('a member is as many transactions behind as the furthest is ahead', () => {
  const [ahead, behind, older, silent] = [
    member('0x500000009'),
    member('0x500000004'),
    member('0x4ffffffff'),
    member(null),
  ]
  const all = [ahead, behind, older, silent]
  assert.deepEqual(
    all.map((one) => lagOf(one, all)),
    [0, 5, null, null],
  )
})

test('nobody is in an older epoch as long as a new leader has logged nothing in its own', () => {
  const lags = (...zxids: (string | null)[]): (number | null)[] => {
    const all = zxids.map(member)
    return all.map((one) => lagOf(one, all))
  }
  assert.deepEqual(lags('0x600000000', '0x500000009', '0x500000009', '0x500000007'), [0, 0, 0, 2])
  assert.deepEqual(lags('0x600000001', '0x500000009', '0x600000000'), [0, null, 1])
  assert.deepEqual(lags('0x100000000', '0x0', '0x0'), [0, 0, 0])
})

test('a zxid is an epoch and a number', () => {
  assert.deepEqual(zxidParts('0x500000009'), { epoch: 5, counter: 9 })
  assert.deepEqual(zxidParts('rubbish'), { epoch: 0, counter: 0 })
})
