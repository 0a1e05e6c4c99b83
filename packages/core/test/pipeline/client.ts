import type { Client, Identity, Session, WatchEvent, WatchSet } from '@vivarium/core'
import { WaitingQueue } from '@vivarium/core'
import {
  type ACL,
  type CreateRequest,
  type CreateTTLRequest,
  type ErrorCode,
  errorCodeOf,
  OPEN_ACL_UNSAFE,
  OpCode,
  Operation,
  type OperationName,
  Perm,
  Reader,
  type RecordCodec,
  type SetDataRequest,
  Stat,
  Writer,
} from '@vivarium/protocol'
import type { TestServer } from './server.ts'

/** A reply, or, with an `event`, a notification. */
export interface Reply {
  readonly xid: number
  readonly zxid: number
  readonly code: ErrorCode
  readonly body: Uint8Array
}

/** A connection that remembers what was written to it. */
export class TestClient implements Client {
  readonly session: Session
  identities: readonly Identity[]
  readonly waiting = new WaitingQueue()
  readonly opened: boolean[] = []
  readonly closed: string[] = []
  readonly latencies: number[] = []
  watchSet: WatchSet | null = null
  open = true
  readonly #server: TestServer
  readonly #output = new Writer()
  #xid = 0

  constructor(server: TestServer, session: Session, identities: readonly Identity[]) {
    this.#server = server
    this.session = session
    this.identities = identities
  }

  get sessionId(): bigint {
    return this.session.id
  }

  output(): Writer {
    return this.#output
  }

  sessionOpened(created: boolean): void {
    this.opened.push(created)
  }

  sessionExpired(): void {
    this.opened.push(false)
  }

  replied(_opcode: number, _xid: number, _zxid: number, latencyMs: number): void {
    this.latencies.push(latencyMs)
  }

  closeAfterFlush(reason: string): void {
    this.closed.push(reason)
    this.open = false
  }

  mayRead(acl: readonly ACL[]): boolean {
    return this.#server.database.access.allows(acl, Perm.READ, this.identities)
  }

  /** A notification is written as a reply with xid −1, its path and type as text for a body. */
  notify(event: WatchEvent): void {
    if (!this.open) return
    const text = Buffer.from(`${event.type} ${event.path}`)
    const writer = this.#output
    writer.int(16 + text.length)
    writer.int(-1)
    writer.zxid(event.zxid)
    writer.int(0)
    writer.raw(text)
  }

  /** Sends a request as bytes. Returns its xid. */
  sendBytes(opcode: number, body: Uint8Array): number {
    const xid = ++this.#xid
    this.#server.handle(this, xid, opcode, body)
    return xid
  }

  /** Sends a request; returns its xid. */
  send(name: OperationName, request: unknown = null): number {
    return this.sendBytes(OpCode[name], encode(name, request))
  }

  /** Sends a request, has everything synced, and takes its reply, which must be the last. */
  ask(name: OperationName, request: unknown = null): Reply {
    const xid = this.send(name, request)
    this.#server.sync()
    return this.#last(name === 'ping' ? -2 : xid)
  }

  askBytes(opcode: number, body: Uint8Array): Reply {
    const xid = this.sendBytes(opcode, body)
    this.#server.sync()
    return this.#last(xid)
  }

  /** The error of a request, or OK. */
  code(name: OperationName, request: unknown = null): ErrorCode {
    return this.ask(name, request).code
  }

  /** What has been written since it was last asked for. */
  take(): Reply[] {
    const output = this.#output
    const reader = new Reader(output.bytes.slice(0, output.length))
    const replies: Reply[] = []
    while (reader.remaining > 0) {
      const end = reader.int() + reader.offset
      const xid = reader.int()
      const zxid = reader.zxid()
      const code = errorCodeOf(reader.int()) as ErrorCode
      replies.push({ xid, zxid, code, body: reader.bytes.slice(reader.offset, end) })
      reader.offset = end
    }
    output.clear()
    return replies
  }

  /** The xids of what has been written, with errors after a colon, and of events their text after an `@` for the zxid. */
  takeBrief(): string[] {
    return this.take().map(({ xid, zxid, code, body }) => {
      if (xid === -1) return `event ${Buffer.from(body)} @${zxid}`
      return code === 'OK' ? `${xid}` : `${xid}:${code}`
    })
  }

  #last(xid: number): Reply {
    const last = this.take().at(-1)
    if (last?.xid !== xid) throw new Error(`no reply to ${xid}, but ${JSON.stringify(last)}`)
    return last
  }
}

/** The body of a request. */
export function encode(name: OperationName, request: unknown): Uint8Array {
  const writer = new Writer()
  const codec = Operation[name].request as RecordCodec<unknown> | null
  if (name === 'multi' || name === 'multiRead') writeMulti(writer, request as readonly Sub[])
  else codec?.write(writer, request)
  return writer.finish()
}

/** One operation of a multi. */
export type Sub = readonly [name: OperationName, request: unknown]

function writeMulti(writer: Writer, subs: readonly Sub[]): void {
  for (const [name, request] of subs) {
    writer.int(OpCode[name])
    writer.bool(false)
    writer.int(-1)
    const codec = Operation[name].request as RecordCodec<unknown>
    codec.write(writer, request)
  }
  writer.int(-1)
  writer.bool(true)
  writer.int(-1)
}

export const text = (value: string): Uint8Array => Buffer.from(value)

/** A CreateRequest with what is usual left out. */
export function create(path: string, options: Partial<CreateRequest> = {}): CreateRequest {
  return { path, data: text('x'), acl: OPEN_ACL_UNSAFE as ACL[], flags: 0, ...options }
}

export function createTTL(path: string, flags: number, ttl: number): CreateTTLRequest {
  return { ...create(path, { flags }), ttl }
}

export function setData(path: string, data: string | null, version = -1): SetDataRequest {
  return { path, data: data === null ? null : text(data), version }
}

/** The Stat at the end of a body. */
export function statOf({ body }: Reply): Stat {
  return Stat.read(new Reader(body, body.length - 68, body.length))
}

/** The path at the start of a body. */
export function pathOf({ body }: Reply): string | null {
  return new Reader(body).string()
}

/** The results of a multi: `create /a`, `setData v1`, `error NONODE`. */
export function resultsOf({ body }: Reply): string[] {
  const reader = new Reader(body)
  const results: string[] = []
  for (;;) {
    const type = reader.int()
    const done = reader.bool()
    const err = reader.int()
    if (done) break
    switch (type) {
      case OpCode.create:
        results.push(`create ${reader.text()}`)
        break
      case OpCode.create2: {
        const path = reader.text()
        const stat = Stat.read(reader)
        results.push(`create2 ${path} cversion=${stat.cversion} children=${stat.numChildren}`)
        break
      }
      case OpCode.setData:
        results.push(`setData version=${Stat.read(reader).version}`)
        break
      case OpCode.error:
        results.push(`error ${errorCodeOf(reader.int())}`)
        if (errorCodeOf(err) !== results.at(-1)?.slice(6)) throw new Error(`the header says ${err}`)
        break
      case OpCode.getData:
        results.push(`getData ${Buffer.from(reader.buffer() ?? [])} version=${Stat.read(reader).version}`)
        break
      case OpCode.getChildren:
        results.push(`getChildren ${(reader.vector((r) => r.text()) ?? []).sort().join(' ')}`)
        break
      default:
        results.push(type === OpCode.delete ? 'delete' : type === OpCode.check ? 'check' : `type ${type}`)
    }
  }
  if (reader.remaining !== 0) throw new Error(`${reader.remaining} bytes are left`)
  return results
}
