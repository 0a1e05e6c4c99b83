import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseQuorumConfig, type QuorumConfig } from '@vivarium/core'
import { type Network, type Socket, type SocketHandler, silentLog } from '@vivarium/env'
import { ElectionConnections } from '../../dist/quorum/election-connections.js'
import { encodeInitialMessage } from '../../dist/quorum/initial-message.js'
import { PeerLog } from '../../dist/quorum/peer-log.js'
import { TestClock } from '../clients/fakes.ts'

const { members } = parseQuorumConfig('server.1=h1:1:3888\nserver.2=h2:1:3888\nserver.3=h3:1:3888') as QuorumConfig
const HELLO = new Uint8Array([1, 2, 3])

/** A connection of server 2's: what became of it so far, and what the test lets become of it. */
class Call implements Socket {
  readonly remoteAddress = 'h'
  readonly remotePort = 3888
  readonly pendingBytes = 0
  readonly handler: SocketHandler
  readonly host: string
  written = 0
  ended = false
  answer!: (error: Error | null) => Promise<void>

  constructor(host: string, handler: SocketHandler) {
    this.host = host
    this.handler = handler
  }

  write(_bytes: Uint8Array, start: number, end: number): boolean {
    this.written += end - start
    return true
  }

  pause(): void {}
  resume(): void {}

  end(): void {
    this.ended = true
  }

  destroy(): void {
    this.ended = true
  }

  receive(...messages: Uint8Array[]): void {
    for (const message of messages) this.handler.data(message, 0, message.length)
  }
}

/** The connections of server 2, and whom it has found to be there or not. */
async function ofServer2(): Promise<{
  connections: ElectionConnections
  calls: Call[]
  accept: () => Call
  told: [number, boolean][]
}> {
  const calls: Call[] = []
  const told: [number, boolean][] = []
  let accept: (socket: Socket) => SocketHandler = () => assert.fail('nobody listens')
  const network: Network = {
    listen: async ({ port }, taken) => {
      accept = taken
      return { port, address: 'h2', close: async () => {} }
    },
    connect: ({ host }, handler) => {
      const call = new Call(host, handler)
      calls.push(call)
      return new Promise((resolve, reject) => {
        call.answer = async (error) => {
          if (error === null) resolve(call)
          else reject(error)
          for (let i = 0; i < 5; i++) await Promise.resolve()
        }
      })
    },
  }
  const clock = new TestClock()
  const connections = new ElectionConnections({
    clock,
    network,
    log: silentLog,
    peerLog: new PeerLog({ log: silentLog, clock }),
    sid: 2,
    memberOf: (sid) => members.get(sid),
    addressesOf: (sid) => members.get(sid)?.addresses.map(({ host, electionPort: port }) => ({ host, port })) ?? [],
    callsStrangers: false,
    connectTimeoutMs: 5000,
    multiAddress: false,
    probeTimeoutMs: null,
    greetingMs: 5000,
    received: () => {},
    reachable: (sid, reachable) => told.push([sid, reachable]),
  })
  await connections.listen([{ port: 3888 }])
  const accepted = (): Call => {
    let handler: SocketHandler | null = null
    const call: Call = new Call('h', {
      data: (bytes, start, end) => handler?.data(bytes, start, end),
      drained: () => handler?.drained(),
      closed: (error) => handler?.closed(error),
    })
    handler = accept(call)
    return call
  }
  return { connections, calls, accept: accepted, told }
}

const message = (bytes: Uint8Array): Uint8Array => new Uint8Array([0, 0, 0, bytes.length, ...bytes])
const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })
const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })

test('a connection that is taken and says nothing to its end is as good as refused', async () => {
  for (const error of [null, reset]) {
    const { connections, calls, told } = await ofServer2()
    connections.send(1, HELLO)
    await calls[0]!.answer(null)
    assert.deepEqual(told, [[1, true]])
    calls[0]!.handler.closed(error)
    assert.deepEqual(told.slice(1), [[1, false]])
    assert.equal(calls.length, 1)
  }
})

test('who is asked to call is gone if it resets that, and not if it only ends it', async () => {
  for (const [error, expected] of [
    [null, []],
    [reset, [[3, false]]],
  ] as const) {
    const { connections, calls, told } = await ofServer2()
    connections.send(3, HELLO)
    await calls[0]!.answer(null)
    assert.ok(calls[0]!.ended)
    calls[0]!.handler.closed(error)
    assert.deepEqual(told, expected)
  }
})

test('when a connection ends that has worked, a silent one finds out whether anybody is left', async () => {
  const outcomes: [(probe: Call) => Promise<void>, [number, boolean][]][] = [
    [(probe) => probe.answer(refused), [[3, false]]],
    [(probe) => probe.answer(null).then(() => probe.handler.closed(reset)), [[3, false]]],
    [(probe) => probe.answer(null).then(() => probe.handler.closed(null)), []],
  ]
  for (const [happen, expected] of outcomes) {
    const { connections, calls, accept, told } = await ofServer2()
    const first = accept()
    first.receive(encodeInitialMessage(3, members.get(3)!.addresses, false), message(HELLO))
    connections.send(3, HELLO)
    first.handler.closed(null)
    assert.deepEqual(
      calls.map(({ host }) => host),
      ['h3'],
    )
    await happen(calls[0]!)
    assert.equal(calls[0]!.written, 0, 'it must not make the other one call')
    assert.deepEqual(told, [[3, true], ...expected])
  }
})

test('who calls again meanwhile is there, whatever becomes of the question', async () => {
  const { calls, accept, told } = await ofServer2()
  const greeting = encodeInitialMessage(3, members.get(3)!.addresses, false)
  const first = accept()
  first.receive(greeting, message(HELLO))
  first.handler.closed(reset)
  accept().receive(greeting)
  await calls[0]!.answer(refused)
  assert.deepEqual(told, [
    [3, true],
    [3, true],
  ])
})
