import assert from 'node:assert/strict'
import type { ConnectOptions, Network, Random, Socket, SocketHandler } from '@vivarium/env'
import { silentLog } from '@vivarium/env'
import {
  ConnectRequest,
  ConnectResponse,
  EventType,
  errno,
  type KeeperErrorCode,
  KeeperState,
  OpCode,
  opcodeName,
  Reader,
  Stat,
  WatcherEvent,
  Writer,
  Xid,
} from '@vivarium/protocol'
import { type ClientEnv, ZooKeeper, type ZooKeeperOptions } from '../../dist/index.js'
import { ManualClock, settle } from './manual-clock.ts'

/** A request as the server got it; `body` stands at what follows the header. */
export interface Received {
  readonly xid: number
  readonly name: string
  readonly body: Reader
}

/** The server's end of one connection: nothing is answered but what the test says. */
export class FakePeer implements Socket {
  readonly remoteAddress = '10.0.0.1'
  readonly remotePort = 2181
  pendingBytes = 0
  /** The server to which it was made, as `host:port`. */
  readonly server: string
  readonly #handler: SocketHandler
  /** Whether the kernel takes what the client writes. */
  takes = true
  isOver = false
  writes = 0
  #bytes = Buffer.alloc(0)
  #frames: Uint8Array[] = []

  constructor(server: string, handler: SocketHandler) {
    this.server = server
    this.#handler = handler
  }

  // What the client calls.

  write(bytes: Uint8Array, start: number, end: number): boolean {
    this.writes++
    this.#bytes = Buffer.concat([this.#bytes, bytes.subarray(start, end)])
    while (this.#bytes.length >= 4 && this.#bytes.length >= 4 + this.#bytes.readInt32BE(0)) {
      const end = 4 + this.#bytes.readInt32BE(0)
      this.#frames.push(this.#bytes.subarray(4, end))
      this.#bytes = this.#bytes.subarray(end)
    }
    return this.takes
  }

  pause(): void {}
  resume(): void {}
  end(): void {
    this.destroy()
  }

  destroy(): void {
    if (this.isOver) return
    this.isOver = true
    setImmediate(() => this.#handler.closed(null))
  }

  // What the test calls.

  drained(): void {
    this.takes = true
    this.#handler.drained()
  }

  /** Ends the connection. */
  cut(): void {
    this.destroy()
  }

  /** What has come that is no frame, as text. */
  get word(): string {
    return this.#bytes.toString('latin1')
  }

  /** All requests that have come and were not taken yet. */
  take(): Received[] {
    return this.#frames.splice(0).map((frame) => {
      const body = new Reader(frame)
      const xid = body.int()
      return { xid, name: opcodeName(body.int()), body }
    })
  }

  /** The names of all that has come: for a test that is about their order. */
  takeNames(): string[] {
    return this.take().map(({ name }) => name)
  }

  /** Takes the next request, which has this name. */
  expect(name: string): Received {
    const [frame] = this.#frames.splice(0, 1)
    assert.ok(frame, `no ${name} has come`)
    const body = new Reader(frame)
    const xid = body.int()
    assert.equal(opcodeName(body.int()), name)
    return { xid, name, body }
  }

  /** Takes the greeting, and gives a session of this id. */
  greet(
    sessionId: bigint,
    { timeoutMs = 6000, readOnly = false, passwd = new Uint8Array(16).fill(7) } = {},
  ): ConnectRequest {
    const [frame] = this.#frames.splice(0, 1)
    assert.ok(frame, 'no greeting has come')
    const greeting = ConnectRequest.read(new Reader(frame))
    this.send((writer) =>
      ConnectResponse.write(writer, { protocolVersion: 0, timeOut: timeoutMs, sessionId, passwd, readOnly }),
    )
    return greeting
  }

  send(write: (writer: Writer) => void): void {
    const writer = new Writer()
    writer.int(0)
    write(writer)
    const bytes = Buffer.from(writer.finish())
    bytes.writeInt32BE(bytes.length - 4, 0)
    this.sendBytes(bytes)
  }

  sendBytes(bytes: Uint8Array): void {
    // With something before and after it, as in a buffer that all connections share.
    const shared = Buffer.concat([Buffer.from('..'), bytes, Buffer.from('..')])
    setImmediate(() => {
      if (this.isOver) return
      this.#handler.data(shared, 2, shared.length - 2)
      shared.fill(0xdb)
    })
  }

  closed(): void {
    setImmediate(() => this.#handler.closed(null))
  }

  reply(
    { xid }: { readonly xid: number },
    { zxid = 1, error = null as KeeperErrorCode | null } = {},
    write: (writer: Writer) => void = () => {},
  ): void {
    this.send((writer) => {
      writer.int(xid)
      writer.zxid(zxid)
      writer.int(error === null ? 0 : errno(error))
      if (error === null) write(writer)
    })
  }

  /** Answers a getData. */
  replyData(request: { readonly xid: number }, text: string, zxid = 1): void {
    this.reply(request, { zxid }, (writer) => {
      writer.buffer(Buffer.from(text))
      Stat.write(writer, STAT)
    })
  }

  notify(type: keyof typeof EventType, path: string, zxid = 1): void {
    this.send((writer) => {
      writer.int(Xid.NOTIFICATION)
      writer.zxid(zxid)
      writer.int(0)
      WatcherEvent.write(writer, { type: EventType[type], state: KeeperState.SyncConnected, path })
    })
  }

  /** Answers every ping that has come, and leaves the rest. */
  answerPings(): number {
    const pings = this.#frames.filter((frame) => new Reader(frame, 4).int() === OpCode.ping)
    this.#frames = this.#frames.filter((frame) => !pings.includes(frame))
    for (const _ of pings) this.reply({ xid: Xid.PING })
    return pings.length
  }
}

export const STAT: Stat = {
  czxid: 1,
  mzxid: 1,
  ctime: 0,
  mtime: 0,
  version: 0,
  cversion: 0,
  aversion: 0,
  ephemeralOwner: 0n,
  dataLength: 0,
  numChildren: 0,
  pzxid: 1,
}

/** Numbers in a row that is always the same (a linear congruential generator). */
export function countingRandom(seed = 1): Random {
  let state = seed
  return {
    uint32() {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return state
    },
  }
}

/** A world of servers that do nothing by themselves, and the client's env in it. */
export class FakeEnsemble {
  readonly clock = new ManualClock()
  /** Every connection that was made, the last one last. */
  readonly peers: FakePeer[] = []
  /** What is asked of the resolver, in order. */
  readonly resolved: string[] = []
  /** Servers at which nobody listens. */
  readonly down = new Set<string>()
  readonly clients: ZooKeeper[] = []

  readonly network: Pick<Network, 'connect'> = {
    connect: (options: ConnectOptions, handler: SocketHandler) => {
      const server = `${options.serverName}:${options.port}`
      if (this.down.has(server)) return Promise.reject(new Error('connection refused'))
      const peer = new FakePeer(server, handler)
      this.peers.push(peer)
      return Promise.resolve(peer)
    },
  }

  readonly env: ClientEnv = {
    clock: this.clock,
    network: this.network,
    random: countingRandom(),
    log: silentLog,
    resolver: {
      resolve: (host) => {
        this.resolved.push(host)
        return Promise.resolve([`address of ${host}`])
      },
    },
  }

  client(servers = 'zk1', options: ZooKeeperOptions = {}): ZooKeeper {
    const zk = new ZooKeeper(servers, { sessionTimeoutMs: 6000, ...options, env: this.env })
    this.clients.push(zk)
    return zk
  }

  /** The last connection that was made. */
  get peer(): FakePeer {
    const peer = this.peers.at(-1)
    assert.ok(peer, 'no connection was made')
    return peer
  }

  /** A client with a session of id 1, and the connection that has it. */
  async connected(options: ZooKeeperOptions = {}, servers = 'zk1'): Promise<{ zk: ZooKeeper; peer: FakePeer }> {
    const zk = this.client(servers, options)
    await this.clock.advance(0)
    this.peer.greet(1n)
    await settle()
    assert.equal(zk.state, 'connected')
    return { zk, peer: this.peer }
  }

  /** Waits for the next connection, which a client makes after its last was lost. */
  async reconnection(): Promise<FakePeer> {
    const before = this.peers.length
    for (let i = 0; i < 30 && this.peers.length === before; i++) await this.clock.advance(100)
    assert.equal(this.peers.length, before + 1, 'one connection is made')
    return this.peer
  }
}
