import { setTimeout as delay } from 'node:timers/promises'
import { errno } from '@vivarium/protocol'
import type { LoadResult, LoadSpec } from './load-spec.ts'
import { Measurement } from './measurement.ts'
import { RequestLoad } from './request-load.ts'
import { CountedRequests, CreateDeleteRequests, RandomRequests, type RequestSource, Requests } from './requests.ts'
import { SessionLoad } from './session-load.ts'
import { Sessions } from './sessions.ts'
import { WatchLoad } from './watch-load.ts'

/** Requests in flight while znodes are made ready or removed. */
const TIDYING_DEPTH = 500
const LONGEST_WARM_UP_MS = 2000

/** Applies a load to a server and measures what it does. Rejects or throws when a connection is lost. */
export async function generateLoad(spec: LoadSpec): Promise<LoadResult> {
  const measurement = new Measurement(spec.pid)
  if (spec.load === 'connect') await sessionLoad(spec, measurement)
  else if (spec.load === 'watch') await watchLoad(spec, measurement)
  else if (spec.load === 'fill') await fill(spec, measurement)
  else await requestLoad(spec, measurement)
  return measurement.result(spec)
}

async function requestLoad(spec: LoadSpec, measurement: Measurement): Promise<void> {
  const requests = new Requests(spec.dataBytes)
  await prepare(spec, requests)
  const sessions = new Sessions()
  const source = sourceOf(spec, requests)
  const connections = await sessions.open(spec.connections, spec.port, spec.depth, longest(source))
  const load = new RequestLoad(source, measurement)
  const done = load.run(connections, spec.depth)
  await measure(spec, measurement)
  load.end()
  await done
  await sessions.close()
  // Or each round of creating would meet a larger tree than the one before.
  if (spec.load === 'create')
    await tidy(spec, new CountedRequests(requests.delete('c'), (source as CountedRequests).issued))
}

async function watchLoad(spec: LoadSpec, measurement: Measurement): Promise<void> {
  const requests = new Requests(spec.dataBytes)
  await prepare({ ...spec, znodes: 1 }, requests)
  const sessions = new Sessions()
  const change = requests.setData()
  const connections = await sessions.open(spec.connections, spec.port, 2, change.bytes.length)
  const load = new WatchLoad(measurement, requests.existsWatched(), change)
  const done = load.run(connections)
  await measure(spec, measurement)
  load.end()
  await done
  await sessions.close()
}

async function sessionLoad(spec: LoadSpec, measurement: Measurement): Promise<void> {
  const load = new SessionLoad(spec.port, measurement)
  const done = load.run(spec.connections)
  await measure(spec, measurement)
  load.end()
  await done
}

async function fill(spec: LoadSpec, measurement: Measurement): Promise<void> {
  const requests = new Requests(spec.dataBytes)
  await prepare({ ...spec, znodes: 0 }, requests)
  const sessions = new Sessions()
  const source = new CountedRequests(requests.create('n'), spec.znodes)
  const connections = await sessions.open(spec.connections, spec.port, spec.depth, longest(source))
  measurement.start()
  await new RequestLoad(source, measurement).run(connections, spec.depth)
  measurement.stop()
  await sessions.close()
}

function sourceOf(spec: LoadSpec, requests: Requests): RequestSource {
  switch (spec.load) {
    case 'set':
      return new RandomRequests([requests.setData()], spec.znodes)
    case 'create':
      return new CountedRequests(requests.create('c'))
    case 'createdel':
      return new CreateDeleteRequests(requests.create('c'), requests.delete('c'))
    case 'mixed':
      return new RandomRequests([requests.getData(), requests.setData()], spec.znodes)
    case 'multi':
      return new RandomRequests([requests.multi()], spec.znodes)
    default:
      return new RandomRequests([requests.getData()], spec.znodes)
  }
}

/** Lets the load run for a while, then counts for as long as was asked for. */
async function measure(spec: LoadSpec, measurement: Measurement): Promise<void> {
  await delay(Math.min(LONGEST_WARM_UP_MS, spec.seconds * 400))
  measurement.start()
  await delay(spec.seconds * 1000)
  measurement.stop()
}

/** The znodes that the load is about; they may be there from an earlier one. */
async function prepare(spec: LoadSpec, requests: Requests): Promise<void> {
  await tidy(spec, new CountedRequests(requests.createRoot(), 1), errno('NODEEXISTS'))
  await tidy(spec, new CountedRequests(requests.create('n'), spec.znodes), errno('NODEEXISTS'))
}

/** Requests through a connection of their own that are not measured, but have to succeed. */
async function tidy(spec: LoadSpec, source: RequestSource, tolerated = 0): Promise<void> {
  const unmeasured = new Measurement(0)
  const sessions = new Sessions()
  const connections = await sessions.open(1, spec.port, TIDYING_DEPTH, longest(source))
  await new RequestLoad(source, unmeasured, tolerated).run(connections, TIDYING_DEPTH)
  await sessions.close()
  if (unmeasured.errors > 0) throw new Error(`preparing or tidying up failed: ${unmeasured.firstError}`)
}

function longest(source: RequestSource): number {
  return Math.max(...source.templates.map((template) => template.bytes.length))
}
