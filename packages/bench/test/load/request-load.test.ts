import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Measurement } from '../../dist/load/measurement.js'
import { RequestLoad } from '../../dist/load/request-load.js'
import { CountedRequests, CreateDeleteRequests, type RequestSource, Requests } from '../../dist/load/requests.js'
import { Sessions } from '../../dist/load/sessions.js'
import { type Answer, fakeServer, type SeenRequest } from './fake-server.ts'

const CREATE = 1

/** Applies a source to a fake server until it has no more; returns what was measured and what the server saw. */
async function apply(
  source: RequestSource,
  answer: (request: SeenRequest) => Answer,
  options: { connections?: number; depth?: number; pieceBytes?: number; tolerated?: number } = {},
): Promise<{ measurement: Measurement; seen: SeenRequest[] }> {
  const { connections = 1, depth = 4 } = options
  const seen: SeenRequest[] = []
  const server = await fakeServer((request) => {
    seen.push(request)
    return answer(request)
  }, options.pieceBytes)
  const measurement = new Measurement(0)
  const sessions = new Sessions()
  const opened = await sessions.open(connections, server.port, depth, 400)
  measurement.start()
  await new RequestLoad(source, measurement, options.tolerated).run(opened, depth)
  measurement.stop()
  await sessions.close()
  server.close()
  return { measurement, seen }
}

function pathOf(request: SeenRequest): string {
  return request.body.toString('latin1', 4, 4 + request.body.readInt32BE())
}

test('every request is asked once, with its number, and every reply is counted', async () => {
  const source = new CountedRequests(new Requests(10).create('n'), 25)
  const created = (request: SeenRequest): Answer => ({ body: request.body.subarray(0, 4 + request.body.readInt32BE()) })
  const { measurement, seen } = await apply(source, created, { connections: 3 })
  const expected = Array.from({ length: 25 }, (_, i) => `/bench/n${String(i).padStart(8, '0')}`)
  assert.deepEqual(seen.map(pathOf).sort(), expected)
  assert.equal(measurement.latencies.count, 25)
  assert.equal(measurement.errors, 0)
})

test('replies are found however the network cuts them up', async () => {
  const data = Buffer.alloc(4 + 10 + 68)
  for (const pieceBytes of [1, 3, 19, 20, 21, 97]) {
    const source = new CountedRequests(new Requests(10).getData(), 12)
    const { measurement } = await apply(source, () => ({ body: data }), { pieceBytes })
    assert.equal(measurement.latencies.count, 12)
    assert.equal(measurement.errors, 0)
  }
})

test('an error, or a reply of the wrong length, is counted and the first one named', async () => {
  const getData = (): CountedRequests => new CountedRequests(new Requests(10).getData(), 3)
  const absent = await apply(getData(), () => ({ errno: -101 }))
  assert.deepEqual([absent.measurement.errors, absent.measurement.firstError], [3, 'NONODE'])
  const short = await apply(getData(), () => ({ body: Buffer.alloc(5) }))
  assert.deepEqual([short.measurement.errors, short.measurement.firstError], [3, 'a reply of 21 bytes'])
  const tolerated = await apply(getData(), () => ({ errno: -101 }), { tolerated: -101 })
  assert.equal(tolerated.measurement.errors, 0)
})

test('what was created is deleted by the same connection, also when the load ends in between', async () => {
  const requests = new Requests(10)
  const source = new CreateDeleteRequests(requests.create('c'), requests.delete('c'))
  const alive = new Set<string>()
  let creations = 0
  const { measurement } = await apply(
    source,
    (request) => {
      const path = pathOf(request)
      if (request.opcode !== CREATE) return { errno: alive.delete(path) ? 0 : -101 }
      if (++creations === 15) source.end()
      if (alive.has(path)) return { errno: -110 }
      alive.add(path)
      return { body: request.body.subarray(0, 4 + path.length) }
    },
    { connections: 2, depth: 3 },
  )
  assert.equal(measurement.errors, 0)
  assert.equal(alive.size, 0)
  assert.equal(measurement.latencies.count, 2 * creations)
})
