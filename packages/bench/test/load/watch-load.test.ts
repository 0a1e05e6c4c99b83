import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { Measurement } from '../../dist/load/measurement.js'
import { Requests } from '../../dist/load/requests.js'
import { Sessions } from '../../dist/load/sessions.js'
import { WatchLoad } from '../../dist/load/watch-load.js'
import { fakeServer, reply } from './fake-server.ts'

const EXISTS = 3
const CHANGES = 4
const WATCHERS = 5

test('a change follows when all watches have fired and been left anew; each notification counts', async () => {
  const watching = new Set<Socket>()
  const watchesAtChange: number[] = []
  const server = await fakeServer(({ opcode }, socket) => {
    if (opcode === EXISTS) {
      watching.add(socket)
      return {}
    }
    watchesAtChange.push(watching.size)
    if (watchesAtChange.length === CHANGES) load.end()
    for (const watcher of watching) watcher.write(reply(-1))
    watching.clear()
    return {}
  })
  const requests = new Requests(10)
  const measurement = new Measurement(0)
  const load = new WatchLoad(measurement, requests.existsWatched(), requests.setData())
  const sessions = new Sessions()
  const connections = await sessions.open(WATCHERS + 1, server.port, 2, 400)
  measurement.start()
  await load.run(connections)
  measurement.stop()
  await sessions.close()
  server.close()
  assert.deepEqual(watchesAtChange, Array(CHANGES).fill(WATCHERS))
  assert.equal(measurement.latencies.count, CHANGES * WATCHERS)
})
