import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Reader } from '@vivarium/protocol'
import { Chroot } from '../../dist/chroot.js'
import { Output } from '../../dist/connection/output.js'
import { syncCall } from '../../dist/requests/calls.js'
import { Request } from '../../dist/requests/request.js'
import { Lease } from '../../dist/session/lease.js'
import { Pipeline } from '../../dist/session/pipeline.js'
import { WatchTable } from '../../dist/watches/watch-table.js'

const NOTHING = new Reader()

test('xids go on at 1 after the last that is positive', async () => {
  const output = new Output()
  const pipeline = new Pipeline({
    output,
    chroot: new Chroot(''),
    lease: new Lease(),
    watches: new WatchTable(),
    maxRequestBytes: 1000,
    maxReplyBytes: 1000,
    firstXid: 0x7fff_fffe,
  })
  pipeline.open()
  const requests = Array.from({ length: 4 }, () => new Request(syncCall, '/', null, null, 'data', 1, 1, undefined))
  const answers = requests.map((request) => request.promise<void>())
  for (const request of requests) pipeline.submit(request)
  assert.deepEqual(
    requests.map(({ xid }) => xid),
    [0x7fff_fffe, 0x7fff_ffff, 1, 2],
  )
  for (const { xid } of requests) assert.ok(pipeline.replied(xid, 1, 0, NOTHING))
  await Promise.all(answers)
  assert.equal(pipeline.replied(3, 1, 0, NOTHING), false)
})

test('ten thousand requests are answered in their order', async () => {
  const output = new Output()
  const pipeline = new Pipeline({
    output,
    chroot: new Chroot(''),
    lease: new Lease(),
    watches: new WatchTable(),
    maxRequestBytes: 1000,
    maxReplyBytes: 1000,
  })
  pipeline.open()
  const order: number[] = []
  for (let i = 0; i < 10_000; i++) {
    const request = new Request(syncCall, '/', null, null, 'data', 1, 1, undefined)
    void request.promise<void>().then(() => order.push(i))
    pipeline.submit(request)
    if (i % 3 !== 0)
      assert.ok(pipeline.replied(order.length + pipeline.pending === 0 ? 1 : i - pipeline.pending + 2, 1, 0, NOTHING))
  }
  for (let xid = 10_001 - pipeline.pending; xid <= 10_000; xid++) assert.ok(pipeline.replied(xid, 1, 0, NOTHING))
  await Promise.resolve()
  assert.deepEqual(
    order,
    Array.from({ length: 10_000 }, (_, i) => i),
  )
})
