import assert from 'node:assert/strict'
import type { Network } from '@vivarium/env'
import {
  ConnectResponse,
  type ErrorCode,
  EventType,
  errorCodeOf,
  KeeperState,
  OpCode,
  Operation,
  type OperationName,
  Reader,
  type RecordCodec,
  type Stat,
  sessionPassword,
  WatcherEvent,
} from '@vivarium/protocol'
import { RawConnection } from './raw-connection.ts'
import { connectFrame, encode, look, requestFrame } from './requests.ts'

/** A reply, and the events that came in front of it. */
export interface Answer {
  readonly xid: number
  readonly zxid: number
  readonly code: ErrorCode
  /** What stands behind the header. */
  readonly body: Reader
  /** As {@link describeEvent} has them, those that nobody has taken before. */
  readonly events: readonly string[]
}

const EVENT_NAMES = new Map<number, string>(Object.entries(EventType).map(([name, type]) => [type, name]))

/** A client without conveniences: one connection, one session, no ping that was not asked for. */
export class TestClient {
  readonly connection: RawConnection
  readonly session: ConnectResponse
  readonly port: number
  #xid = 0
  #events: string[] = []
  /** The zxids of the events that came, in their order. */
  readonly eventZxids: number[] = []

  private constructor(connection: RawConnection, session: ConnectResponse, port: number) {
    this.connection = connection
    this.session = session
    this.port = port
  }

  /** A new session, or the one that the request asks for. */
  static async connect(port: number, request: Partial<ConnectResponse & { lastZxidSeen: number }> = {}) {
    return TestClient.#begin(await RawConnection.open(port), request, port)
  }

  /** The same over another network. */
  static async over(
    network: Pick<Network, 'connect'>,
    address: { host: string; port: number },
    request: Partial<ConnectResponse & { lastZxidSeen: number }> = {},
  ): Promise<TestClient> {
    return TestClient.#begin(await RawConnection.over(network, address), request, address.port)
  }

  static async #begin(connection: RawConnection, request: Partial<ConnectResponse>, port: number): Promise<TestClient> {
    connection.send(connectFrame(request))
    const frame = await connection.frame()
    assert.ok(frame, 'the server refused the connection')
    return new TestClient(connection, ConnectResponse.read(new Reader(frame)), port)
  }

  /** The same session on another connection. */
  reconnect(request: Partial<ConnectResponse & { lastZxidSeen: number }> = {}): Promise<TestClient> {
    const { sessionId } = this.session
    return TestClient.connect(this.port, { sessionId, passwd: sessionPassword(sessionId), ...request })
  }

  /** Sends a request; the answer is the next reply. */
  ask(name: OperationName, request: unknown = null): Promise<Answer> {
    return this.askBytes(OpCode[name], request instanceof Uint8Array ? request : encode(name, request))
  }

  /** Sends a request, whatever is in it. */
  async askBytes(opcode: number, body: Uint8Array = new Uint8Array(0), xid: number = ++this.#xid): Promise<Answer> {
    this.connection.send(requestFrame(xid, opcode, body))
    const answer = await this.reply()
    assert.ok(answer, `the server closed the connection instead of answering operation ${opcode}`)
    return answer
  }

  /** How a request went. */
  async code(name: OperationName, request: unknown = null): Promise<ErrorCode> {
    return (await this.ask(name, request)).code
  }

  /** What a request that has to succeed was answered with. */
  async get<T>(operation: { name: OperationName; response: RecordCodec<T> }, request: unknown = null): Promise<T> {
    const { code, body } = await this.ask(operation.name, request)
    assert.equal(code, 'OK', operation.name)
    const response = operation.response.read(body)
    assert.equal(body.remaining, 0, 'nothing behind the response')
    return response
  }

  /** Does what has to succeed, without looking at the answer. */
  async do(name: OperationName, request: unknown = null): Promise<void> {
    assert.equal(await this.code(name, request), 'OK', name)
  }

  async stat(path: string): Promise<Stat> {
    return (await this.get(Operation.exists, look(path))).stat
  }

  async children(path: string): Promise<string[]> {
    return [...((await this.get(Operation.getChildren, look(path))).children ?? [])].sort()
  }

  async data(path: string): Promise<string | null> {
    const { data } = await this.get(Operation.getData, look(path))
    return data === null ? null : Buffer.from(data).toString()
  }

  /** The events that came until now: those of changes which this client's own requests could see. */
  async events(): Promise<readonly string[]> {
    return (await this.ask('ping')).events
  }

  /** The next event, when it comes. */
  async nextEvent(): Promise<string> {
    while (this.#events.length === 0) {
      const frame = await this.connection.frame()
      assert.ok(frame, 'the server closed the connection')
      assert.equal(this.#take(frame), null, 'an event')
    }
    return this.#events.shift() as string
  }

  /** The next reply; null once the connection is closed. */
  async reply(): Promise<Answer | null> {
    for (;;) {
      const frame = await this.connection.frame()
      if (frame === null) return null
      const answer = this.#take(frame)
      if (answer !== null) return answer
    }
  }

  /** Waits for the server to close the connection; returns the replies that came before. */
  async untilClosed(): Promise<Answer[]> {
    const answers: Answer[] = []
    for (let answer = await this.reply(); answer !== null; answer = await this.reply()) answers.push(answer)
    return answers
  }

  /** Ends the session. */
  async close(): Promise<void> {
    await this.ask('closeSession')
    assert.deepEqual(await this.untilClosed(), [])
  }

  #take(frame: Uint8Array): Answer | null {
    const body = new Reader(frame)
    const xid = body.int()
    const zxid = body.zxid()
    const code = errorCodeOf(body.int())
    assert.ok(code !== undefined, 'a known error')
    if (xid === -1) {
      this.eventZxids.push(zxid)
      this.#events.push(describeEvent(WatcherEvent.read(body)))
      return null
    }
    const events = this.#events
    this.#events = []
    return { xid, zxid, code, body, events }
  }
}

/** `NodeCreated /a`. */
export function describeEvent({ type, state, path }: WatcherEvent): string {
  assert.equal(state, KeeperState.SyncConnected)
  return `${EVENT_NAMES.get(type)} ${path}`
}
