import { ByteReader, ByteWriter } from './bytes.ts'
import { FrameSocket } from './frame-socket.ts'
import { errorName, Op, opName } from './opcodes.ts'
import * as records from './records.ts'
import { type Acl, OPEN_ACL, type Stat } from './records.ts'

/** What a server answered to one request. */
export interface Reply {
  xid: number
  zxid: bigint
  /** A `KeeperException` code; 0 is success. */
  errno: number
  body: Buffer
}

/** A watch event. */
export interface WatchEvent {
  zxid: bigint
  type: number
  path: string
}

/** A request answered with an error code, by a method that promised a value. */
export class RequestFailed extends Error {
  readonly errno: number

  constructor(op: number, path: string, errno: number) {
    super(`${opName(op)} ${path}: ${errorName(errno)}`)
    this.errno = errno
  }
}

/** The connection ended before the reply; the request may have been carried out. */
export class ConnectionLost extends Error {}

/** For how long a session lives that nobody pings, where the server allows it: a test may be slow to come back to it. */
const SESSION_MS = 400_000
/** How long a server may take to answer a connect request. */
const HANDSHAKE_MS = 15_000

interface Pending {
  resolve(reply: Reply): void
  reject(error: Error): void
}

/**
 * A client without conveniences: one connection, one session, requests pipelined in the order they are made. It neither
 * reconnects nor pings by itself.
 */
export class RawClient {
  /** Called with every watch event. */
  onEvent: (event: WatchEvent) => void = () => {}
  /** The highest zxid of any reply. */
  lastZxid = 0n
  session: records.ConnectResponse = {
    protocolVersion: 0,
    timeoutMs: 0,
    sessionId: 0n,
    password: null,
    readOnly: undefined,
  }
  #socket!: FrameSocket
  #xid = 0
  #pending: Pending[] = []
  #onClosed: () => void = () => {}
  /** Resolves when the connection has ended, whoever ended it. */
  readonly closed: Promise<void> = new Promise((resolve) => {
    this.#onClosed = resolve
  })

  private constructor() {}

  /** Opens a session, or takes one up again; throws when the server refuses it. */
  static async connect(port: number, request: records.ConnectRequest = {}): Promise<RawClient> {
    const client = new RawClient()
    let timer: NodeJS.Timeout | undefined
    await new Promise<void>((resolve, reject) => {
      const refused = () => reject(new ConnectionLost('closed during the handshake'))
      timer = setTimeout(() => {
        refused()
        client.#socket?.destroy()
      }, HANDSHAKE_MS)
      const onFrame = (frame: Buffer) => {
        if (client.#socket.received > 1) return client.#take(frame)
        client.session = records.readConnectResponse(frame)
        if (client.session.timeoutMs > 0) return resolve()
        client.#socket.destroy()
        return refused()
      }
      const onClose = () => {
        refused()
        client.#end()
      }
      FrameSocket.open(port, onFrame, onClose).then((socket) => {
        client.#socket = socket
        socket.write(records.connectFrame({ readOnly: false, timeoutMs: SESSION_MS, ...request }))
      }, reject)
    }).finally(() => clearTimeout(timer))
    return client
  }

  /** Sends a request and returns its reply, whatever its error code. Rejects with `ConnectionLost`. */
  call(op: number, body: Uint8Array = Buffer.alloc(0)): Promise<Reply> {
    const special = op === Op.ping ? -2 : op === Op.auth ? -4 : op === Op.setWatches || op === Op.setWatches2 ? -8 : 0
    const xid = special !== 0 ? special : ++this.#xid
    return new Promise((resolve, reject) => {
      if (this.#socket.closed) return reject(new ConnectionLost(`${opName(op)} on a closed connection`))
      this.#pending.push({ resolve, reject })
      this.#socket.write(records.requestFrame(xid, op, body))
    })
  }

  /** Creates a znode and returns its path. */
  async create(
    path: string,
    data: Uint8Array | null = Buffer.alloc(0),
    options: { flags?: number; acl?: readonly Acl[]; ttlMs?: number; op?: number } = {},
  ): Promise<string> {
    const op = options.op ?? (options.ttlMs === undefined ? Op.create : Op.createTtl)
    const body = records.createBody(path, data, options.acl ?? OPEN_ACL, options.flags ?? 0, options.ttlMs)
    return (await this.#ask(op, path, body)).string() ?? ''
  }

  async delete(path: string, version = -1): Promise<void> {
    await this.#ask(Op.delete, path, records.versionedBody(path, version))
  }

  async setData(path: string, data: Uint8Array | null, version = -1): Promise<Stat> {
    return records.readStat(await this.#ask(Op.setData, path, records.setDataBody(path, data, version)))
  }

  async setAcl(path: string, acl: readonly Acl[], version = -1): Promise<Stat> {
    return records.readStat(await this.#ask(Op.setAcl, path, records.setAclBody(path, acl, version)))
  }

  /** The znode's stat, or `null` where there is none. */
  async exists(path: string, watch = false): Promise<Stat | null> {
    const reply = await this.call(Op.exists, records.readBody(path, watch))
    if (reply.errno === -101) return null
    return records.readStat(this.#check(Op.exists, path, reply))
  }

  async getData(path: string, watch = false): Promise<{ data: Buffer | null; stat: Stat }> {
    const reader = await this.#ask(Op.getData, path, records.readBody(path, watch))
    return { data: reader.buffer(), stat: records.readStat(reader) }
  }

  async getAcl(path: string): Promise<{ acl: Acl[]; stat: Stat }> {
    const reader = await this.#ask(Op.getAcl, path, records.pathBody(path))
    return { acl: reader.vector(records.readAcl) ?? [], stat: records.readStat(reader) }
  }

  /** The names of the children, sorted. */
  async getChildren(path: string, watch = false): Promise<string[]> {
    const reader = await this.#ask(Op.getChildren, path, records.readBody(path, watch))
    return (reader.vector((r) => r.string() ?? '') ?? []).sort()
  }

  async addAuth(scheme: string, auth: string): Promise<void> {
    await this.#ask(Op.auth, scheme, records.authBody(scheme, Buffer.from(auth)))
  }

  async sync(path = '/'): Promise<void> {
    await this.#ask(Op.sync, path, records.pathBody(path))
  }

  async addWatch(path: string, recursive: boolean): Promise<void> {
    await this.#ask(
      Op.addWatch,
      path,
      new ByteWriter()
        .string(path)
        .int(recursive ? 1 : 0)
        .take(),
    )
  }

  /** Several writes as one. Throws with the code of the first that failed. */
  async multi(operations: readonly { op: number; body: Uint8Array }[]): Promise<void> {
    const reader = await this.#ask(Op.multi, `of ${operations.length}`, records.multiBody(operations))
    // A failed multi begins with an error entry: type −1, then codes, the first that is neither OK nor −2 being the cause.
    if (reader.int() !== Op.error) return
    for (
      let done = reader.bool(), errno = reader.int();
      !done;
      reader.int(), done = reader.bool(), errno = reader.int()
    ) {
      if (errno !== 0 && errno !== -2) throw new RequestFailed(Op.multi, `of ${operations.length}`, errno)
      reader.int()
    }
  }

  async ping(): Promise<void> {
    await this.#ask(Op.ping, '', Buffer.alloc(0))
  }

  /** Closes the session, which removes its ephemeral znodes, and waits until the server has hung up. */
  async close(): Promise<void> {
    await this.call(Op.closeSession).catch(() => {})
    await this.closed
  }

  /** Drops the connection; the session lives on. */
  destroy(): void {
    this.#socket.destroy()
  }

  async #ask(op: number, path: string, body: Uint8Array): Promise<ByteReader> {
    return this.#check(op, path, await this.call(op, body))
  }

  #check(op: number, path: string, reply: Reply): ByteReader {
    if (reply.errno !== 0) throw new RequestFailed(op, path, reply.errno)
    return new ByteReader(reply.body)
  }

  #take(frame: Buffer): void {
    const reader = new ByteReader(frame)
    const reply: Reply = { xid: reader.int(), zxid: reader.long(), errno: reader.int(), body: reader.rest() }
    if (reply.xid === -1) {
      const event = new ByteReader(reply.body)
      const type = event.int()
      event.int()
      this.onEvent({ zxid: reply.zxid, type, path: event.string() ?? '' })
      return
    }
    if (reply.zxid > this.lastZxid) this.lastZxid = reply.zxid
    this.#pending.shift()?.resolve(reply)
  }

  #end(): void {
    for (const { reject } of this.#pending) reject(new ConnectionLost('the connection ended before the reply'))
    this.#pending = []
    this.#onClosed()
  }
}
