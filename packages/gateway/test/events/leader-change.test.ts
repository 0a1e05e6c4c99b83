import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KeeperError, ZooKeeper } from '@vivarium/client'
import { startGateway } from '@vivarium/gateway'
import { startEnsemble } from '@vivarium/testing'
import { type Heard, Listener } from '../listen.ts'

const STREAMS = 200
const PATH = '/events?path=/proof&recursive=true'

/** Which changes a stream has heard of, since it began. */
const pathsOf = (heard: readonly Heard[]): string[] =>
  heard.filter(({ event }) => event !== 'ready' && event !== 'state').map(({ event, data }) => `${event} ${data.path}`)

test('every change arrives once and in order, across reconnections of readers and a change of the leader', async () => {
  await using ensemble = await startEnsemble(3)
  const servers = ensemble.members.map(({ address }) => address).join(',')
  await using gateway = await startGateway({ servers, port: 0, consoleDirectory: null })
  await using zk = await ZooKeeper.connect(servers)
  await zk.create('/proof')
  const streams = await Promise.all(Array.from({ length: STREAMS }, () => Listener.open(gateway.port, PATH)))
  await Promise.all(streams.map((stream) => stream.next()))
  const expected: string[] = []
  const write = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) {
      const path = `/proof/n${expected.length}`
      expected.push(`created ${path}`)
      // Whether it was created by an answer that was lost does not matter: it is there.
      await zk.create(path, { retry: true }).catch((error) => {
        if (!KeeperError.is(error, 'NODEEXISTS')) throw error
      })
    }
  }
  await write(20)
  const writing = write(20)
  const back = await Promise.all(
    streams.map(async (stream, i) => {
      if (i % 2 === 0) return stream
      stream.close()
      const again = await Listener.open(gateway.port, PATH, { 'last-event-id': stream.lastEventId ?? '' })
      again.heard.unshift(...stream.heard)
      return again
    }),
  )
  await writing
  const leader = await ensemble.leader()
  await leader.stop()
  await write(20)
  await leader.start()
  await write(20)
  const last = expected.at(-1)
  for (const stream of back) {
    for (let next = ''; next !== last; ) {
      const { event, data } = await stream.next()
      next = `${event} ${data.path}`
    }
    assert.deepEqual(pathsOf(stream.heard), expected)
    stream.close()
  }
})
