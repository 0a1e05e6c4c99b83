import assert from 'node:assert/strict'
import {
  AccessControl,
  type AuthProvider,
  authProviders,
  BlueThrottle,
  Database,
  DataTree,
  DEFAULT_BLUE_THROTTLE,
  DEFAULT_CONNECTION_WEIGHTS,
  digestProvider,
  ipProvider,
  LargeRequests,
  Preparer,
  Processor,
  Quotas,
  SessionTracker,
} from '@vivarium/core'
import { silentLog } from '@vivarium/env'
import {
  ConnectRequest,
  type ConnectResponse,
  type ErrorCode,
  errorCodeOf,
  OPEN_ACL_UNSAFE,
  OpCode,
  Operation,
  type OperationName,
  Reader,
  type RecordCodec,
  sessionPassword,
  WatcherEvent,
  Writer,
} from '@vivarium/protocol'
import type { ClientLimits } from '../../dist/clients/client-limits.js'
import { Clients } from '../../dist/clients/clients.js'
import type { Connection } from '../../dist/clients/connection.js'
import type { ClientSasl } from '../../dist/sasl/load-sasl.js'
import { TestClock, TestSocket } from './fakes.ts'

export interface HarnessOptions {
  readonly limits?: Partial<ClientLimits>
  readonly providers?: readonly AuthProvider[]
  readonly largeRequests?: LargeRequests
  readonly sasl?: ClientSasl
}

/** The clients of a server whose disk waits for the test. */
export class Harness {
  readonly clock = new TestClock()
  readonly counts = new Map<string, number>()
  readonly processor: Processor
  readonly sessions: SessionTracker
  readonly clients: Clients

  constructor(options: HarnessOptions = {}) {
    const { clock } = this
    const tree = new DataTree({ hashSeed: 1 })
    const providers = options.providers ?? [ipProvider, digestProvider({ algorithm: 'sha1', superDigest: null })]
    const access = new AccessControl(authProviders(...providers), false)
    const database = new Database({ tree, sessions: new Map(), access, quotas: new Quotas(tree, false) })
    const preparer = new Preparer(database, { extendedTypes: false, closeSessionPaths: true, reconfigEnabled: false })
    const nowMs = clock.monotonicMs()
    this.sessions = new SessionTracker({ serverId: 1, tickMs: 2000, minTimeoutMs: 4000, maxTimeoutMs: 40_000, nowMs })
    this.processor = new Processor({ database, preparer, sessions: this.sessions, sink: { append() {} }, clock })
    const count = (name: string) => () => {
      this.counts.set(name, (this.counts.get(name) ?? 0) + 1)
    }
    this.clients = new Clients({
      clock,
      log: silentLog,
      access,
      throttle: new BlueThrottle(DEFAULT_BLUE_THROTTLE, () => 0.5, nowMs),
      largeRequests: options.largeRequests ?? new LargeRequests(-1, 1),
      sasl: options.sasl ?? null,
      metrics: {
        packetReceived: count('received'),
        packetSent: count('sent'),
        bytesReceived() {},
        connectionRejected: count('rejected'),
        connectionRequested: count('connectRequests'),
        connectionRevalidated: count('revalidated'),
        connectionDropped: count('dropped'),
        sessionlessExpired: count('sessionless'),
        authFailed: count('authFailed'),
        largeRequestRejected: count('largeRejected'),
        watchEventSent: count('events'),
        replied: count('replied'),
      },
      limits: {
        frameBytes: 0xfffff,
        fieldBytes: 0xfffff,
        perAddress: 0,
        total: 0,
        outstanding: 1000,
        greetingMs: 10_000,
        pendingBytes: 8 << 20,
        connectionWeights: DEFAULT_CONNECTION_WEIGHTS,
        requiredSchemes: null,
        ...options.limits,
      },
    })
    this.processor.onSessionEnded = (session) => this.clients.sessionEnded(session)
    this.clients.serve(this.processor)
  }

  /** A connection that has said nothing yet. */
  connect(address = '10.0.0.1'): Peer {
    const socket = new TestSocket(address)
    const connection = this.clients.accept(socket) as Connection
    socket.attach(connection)
    return new Peer(this, socket, connection)
  }

  /** A connection with a session. */
  client(address?: string): Peer {
    const peer = this.connect(address)
    peer.receive(connectRequest())
    this.sync()
    assert.equal(peer.connectResponse().timeOut, 10_000)
    return peer
  }

  /** Everything in the log is on the disk. */
  sync(zxid = this.processor.preparer.lastZxid): void {
    this.processor.committed(zxid, this.clock.monotonicMs())
    this.clients.resumePaused()
    this.clients.endTurn()
    assert.equal(this.processor.database.digestMismatches, 0)
  }
}

/** A reply or a notification, briefly: `1`, `2:NONODE`, `event 3 /a @7`. */
export type Brief = string

/** The other end of a connection. */
export class Peer {
  readonly socket: TestSocket
  readonly connection: Connection
  readonly #harness: Harness
  #bytes: Uint8Array = new Uint8Array(0)
  #xid = 0

  constructor(harness: Harness, socket: TestSocket, connection: Connection) {
    this.#harness = harness
    this.socket = socket
    this.connection = connection
  }

  receive(...parts: readonly Uint8Array[]): void {
    this.socket.receive(Buffer.concat(parts))
  }

  /** Sends a request; returns its xid. */
  send(name: OperationName, request: unknown = null): number {
    this.receive(this.frame(name, request))
    return this.#xid
  }

  /** The bytes of the next request. */
  frame(name: OperationName, request: unknown = null): Uint8Array {
    return requestFrame(++this.#xid, name, request)
  }

  /** Sends a request, has it synced, and takes what came. */
  ask(name: OperationName, request: unknown = null): Brief[] {
    this.send(name, request)
    this.#harness.sync()
    return this.replies()
  }

  connectResponse(): ConnectResponse {
    const reader = this.#reader()
    const length = reader.int()
    const end = reader.offset + length
    const response = {
      protocolVersion: reader.int(),
      timeOut: reader.int(),
      sessionId: reader.long(),
      passwd: reader.buffer()?.slice() ?? null,
      readOnly: reader.offset < end ? reader.bool() : false,
    }
    assert.equal(reader.offset, end)
    this.#bytes = reader.bytes.slice(end)
    return response
  }

  replies(): Brief[] {
    const reader = this.#reader()
    const replies: Brief[] = []
    while (reader.remaining >= 4) {
      const length = reader.int()
      assert.ok(length <= reader.remaining, 'whole frames')
      const end = reader.offset + length
      const xid = reader.int()
      const zxid = reader.zxid()
      const code = errorCodeOf(reader.int()) as ErrorCode
      if (xid === -1) {
        const { type, path } = WatcherEvent.read(reader)
        assert.equal(reader.offset, end)
        replies.push(`event ${type} ${path} @${zxid}`)
      } else replies.push(code === 'OK' ? `${xid}` : `${xid}:${code}`)
      reader.offset = end
    }
    this.#bytes = new Uint8Array(0)
    return replies
  }

  #reader(): Reader {
    this.#bytes = Buffer.concat([this.#bytes, this.socket.take()])
    return new Reader(this.#bytes)
  }
}

function framed(writer: Writer): Uint8Array {
  const frame = new Writer()
  frame.int(writer.length)
  frame.raw(writer.bytes, 0, writer.length)
  return frame.finish()
}

export function connectRequest(fields: Partial<ConnectRequest> = {}, readOnlyByte = true): Uint8Array {
  const writer = new Writer()
  ConnectRequest.write(writer, {
    protocolVersion: 0,
    lastZxidSeen: 0,
    timeOut: 10_000,
    sessionId: 0n,
    passwd: new Uint8Array(16),
    readOnly: false,
    ...fields,
  })
  if (!readOnlyByte) writer.length--
  return framed(writer)
}

/** A request that asks for a session back. */
export function reconnectRequest(sessionId: bigint, fields: Partial<ConnectRequest> = {}): Uint8Array {
  return connectRequest({ sessionId, passwd: sessionPassword(sessionId), ...fields })
}

export function requestFrame(xid: number, name: OperationName, request: unknown = null): Uint8Array {
  const writer = new Writer()
  writer.int(xid)
  writer.int(OpCode[name])
  const codec = Operation[name].request as RecordCodec<unknown> | null
  codec?.write(writer, request)
  return framed(writer)
}

export const create = (path: string, data = 'x') => ({ path, data: Buffer.from(data), acl: OPEN_ACL_UNSAFE, flags: 0 })
export const look = (path: string, watch = false) => ({ path, watch })
export const set = (path: string, data = 'y') => ({ path, data: Buffer.from(data), version: -1 })

export const bytes = (...values: number[]): Uint8Array => {
  const writer = new Writer()
  for (const value of values) writer.int(value)
  return writer.finish()
}

export const isDropped = (peer: Peer): boolean => peer.socket.destroyed !== null
export const isEnded = (peer: Peer): boolean => peer.socket.ended && !isDropped(peer)
