import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  DEFAULT_REQUEST_THROTTLE,
  LargeRequests,
  outstandingLimit,
  RequestThrottle,
  type RequestThrottleOptions,
  shouldPause,
} from '@vivarium/core'
import { OpCode } from '@vivarium/protocol'
import fc from 'fast-check'

class Request {
  readonly name: string
  readonly type: number
  receivedMs = 0
  sessionTimeoutMs = 1000
  isConnectionClosed = false
  isConnectionInvalid = false

  constructor(name: string, type: number = OpCode.getData) {
    this.name = name
    this.type = type
  }
}

function throttle(options: Partial<RequestThrottleOptions>) {
  const state = { inProcess: 0, log: [] as string[] }
  const requests = new RequestThrottle<Request>(
    { ...DEFAULT_REQUEST_THROTTLE, ...options },
    {
      inProcess: () => state.inProcess,
      submit(request, throttled) {
        state.inProcess++
        state.log.push(`${throttled ? 'throttled' : 'submit'} ${request.name}`)
      },
      drop(request) {
        request.isConnectionInvalid = true
        state.log.push(`drop ${request.name}`)
      },
      discard: (request) => state.log.push(`discard ${request.name}`),
    },
  )
  return { requests, state }
}

test('without a limit requests go straight through', () => {
  const { requests, state } = throttle({})
  for (const name of 'abc') requests.add(new Request(name))
  assert.equal(requests.pump(0), -1)
  assert.deepEqual(state.log, ['submit a', 'submit b', 'submit c'])
  assert.equal(requests.size, 0)
})

test('at the limit requests wait, in their order', () => {
  const { requests, state } = throttle({ maxRequests: 2, stallTimeMs: 50 })
  for (const name of 'abcd') requests.add(new Request(name))
  assert.equal(requests.pump(0), 50)
  assert.deepEqual(state.log, ['submit a', 'submit b'])
  assert.deepEqual([requests.size, requests.waitCount], [2, 1])
  state.inProcess--
  assert.equal(requests.pump(10), 50)
  assert.deepEqual(state.log.at(-1), 'submit c')
  state.inProcess = 0
  assert.equal(requests.pump(20), -1)
  assert.deepEqual(state.log.at(-1), 'submit d')
})

test('who waits for a connection that is gone is dropped, and so is what follows on it', () => {
  const { requests, state } = throttle({ maxRequests: 1 })
  const [a, b, c, d] = [new Request('a'), new Request('b'), new Request('c', OpCode.closeSession), new Request('d')]
  for (const request of [a, b, c, d]) requests.add(request)
  requests.pump(0)
  b.isConnectionClosed = true
  c.isConnectionClosed = true
  requests.pump(0)
  assert.deepEqual(state.log, ['submit a', 'drop b'])
  d.isConnectionInvalid = true
  state.inProcess = 0
  // A closeSession outlives its connection.
  requests.pump(0)
  assert.deepEqual(state.log.slice(2), ['submit c', 'discard d'])
  assert.equal(requests.staleDroppedCount, 1)
})

test('without dropping, stale requests are only counted', () => {
  const { requests, state } = throttle({ maxRequests: 5, dropStale: false, staleLatencyCheck: true })
  requests.add(new Request('a'))
  requests.pump(1001)
  assert.deepEqual(state.log, ['submit a'])
  assert.deepEqual([requests.staleCount, requests.staleDroppedCount], [1, 0])
})

test('what has waited too long is marked, but for what keeps sessions alive', () => {
  const { requests, state } = throttle({ throttledOpWaitMs: 10 })
  requests.add(new Request('a'))
  requests.pump(10)
  requests.add(new Request('b'))
  requests.add(new Request('ping', OpCode.ping))
  requests.add(new Request('open', OpCode.createSession))
  requests.add(new Request('close', OpCode.closeSession))
  requests.pump(11)
  assert.deepEqual(state.log, ['submit a', 'throttled b', 'submit ping', 'submit open', 'submit close'])
  assert.equal(requests.throttledCount, 1)
})

test('a server that goes down takes nothing in, and drops what still waits', () => {
  const { requests, state } = throttle({ maxRequests: 1 })
  for (const name of 'abc') requests.add(new Request(name))
  requests.pump(0)
  requests.drain()
  requests.add(new Request('d'))
  assert.equal(requests.dropAll(), 2)
  assert.deepEqual(state.log, ['submit a', 'drop d', 'drop b', 'drop c'])
  assert.equal(requests.pump(0), -1)
})

test('a queue of thousands keeps its order', () => {
  const { requests, state } = throttle({ maxRequests: 1 })
  const names = Array.from({ length: 5000 }, (_, i) => String(i))
  for (const name of names) requests.add(new Request(name))
  for (let i = 0; i < names.length; i++) {
    requests.pump(0)
    state.inProcess = 0
  }
  assert.deepEqual(
    state.log,
    names.map((name) => `submit ${name}`),
  )
})

test('the bytes of large requests in flight never exceed their bound, and all come back', () => {
  const large = new LargeRequests(100, 1000)
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(600), fc.boolean())), (script) => {
      const begun: number[] = []
      for (const [length, finish] of script) {
        const room = length <= 100 || large.bytes + length <= 1000
        assert.equal(large.mayReceive(length), room)
        const result = large.begin(length)
        assert.equal(result, room ? (length > 100 ? length : 0) : -1)
        if (result >= 0) begun.push(result)
        assert.ok(large.bytes <= 1000)
        if (finish && begun.length > 0) large.finished(begun.shift() as number)
      }
      for (const bytes of begun) large.finished(bytes)
      assert.equal(large.bytes, 0)
    }),
  )
})

test('settings of large requests that make no sense change nothing', () => {
  const large = new LargeRequests(0, -5)
  assert.deepEqual([large.thresholdBytes, large.maxBytes], [-1, 104857600])
  assert.equal(large.begin(1e9), 0)
  large.thresholdBytes = -7
  assert.equal(large.thresholdBytes, -1)
})

test('a connection is stopped when the server has too much to do, if it is part of it', () => {
  assert.equal(shouldPause(10, 10, 10, 5), false)
  assert.equal(shouldPause(10, 11, 0, 1), true)
  assert.equal(shouldPause(10, 0, 11, 1), true)
  assert.equal(shouldPause(10, 11, 11, 0), false)
  assert.deepEqual(
    [1, 2, 3, 5].map((voters) => outstandingLimit(1000, voters)),
    [1000, 1000, 500, 250],
  )
})
