import { connect, type Socket } from 'node:net'
import { ConnectRequest, ConnectResponse, OpCode, Reader, Writer } from '@vivarium/protocol'

/** How many of a crowd connect at once: beyond that a kernel's queue of connections drops some, which then wait for seconds. */
const AT_ONCE = 500
/** Who was turned away comes back after up to so long. */
const RETRY_MS = 500

export interface CrowdOptions {
  /** Client ports of this machine. */
  readonly ports: readonly number[]
  readonly sessions: number
  readonly timeoutMs: number
}

/** How a crowd stands. */
export interface CrowdState {
  readonly attached: number
  /** Sessions that a server said were over. */
  readonly expired: number
  /** Connections that were closed, by servers or for want of one. */
  readonly losses: number
}

interface Member {
  sessionId: bigint
  password: Uint8Array
  socket: Socket | null
  attached: boolean
  /** Which port comes next. */
  next: number
}

/** Many sessions of clients that want nothing but to stay: they ping, and come back when their connection is lost. */
export class Crowd {
  readonly #options: CrowdOptions
  readonly #members: Member[]
  readonly #waiting: Member[] = []
  readonly #pings: NodeJS.Timeout
  #connecting = 0
  #attached = 0
  #expired = 0
  #losses = 0
  #closed = false

  constructor(options: CrowdOptions) {
    this.#options = options
    this.#members = Array.from({ length: options.sessions }, (_, i) => ({
      sessionId: 0n,
      password: new Uint8Array(16),
      socket: null,
      attached: false,
      next: i,
    }))
    this.#waiting.push(...this.#members)
    this.#pings = setInterval(() => this.#ping(), options.timeoutMs / 3)
    this.#proceed()
  }

  get state(): CrowdState {
    return { attached: this.#attached, expired: this.#expired, losses: this.#losses }
  }

  close(): void {
    this.#closed = true
    clearInterval(this.#pings)
    for (const { socket } of this.#members) socket?.destroy()
  }

  #proceed(): void {
    if (this.#closed) return
    while (this.#connecting < AT_ONCE && this.#waiting.length > 0) this.#connect(this.#waiting.shift() as Member)
  }

  #connect(member: Member): void {
    const { ports, timeoutMs } = this.#options
    this.#connecting++
    const port = ports[member.next++ % ports.length] as number
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => socket.write(greeting(member, timeoutMs)))
    member.socket = socket
    let answered = false
    const settle = (): void => {
      if (answered) return
      answered = true
      this.#connecting--
      this.#proceed()
    }
    socket.on('data', (bytes: Buffer) => {
      if (answered) return
      this.#answer(member, bytes)
      settle()
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      if (member.attached) this.#attached--
      member.attached = false
      this.#losses++
      if (this.#closed) return
      settle()
      setTimeout(() => {
        this.#waiting.push(member)
        this.#proceed()
      }, Math.random() * RETRY_MS)
    })
  }

  #answer(member: Member, bytes: Buffer): void {
    const { sessionId, passwd } = ConnectResponse.read(new Reader(bytes, 4, bytes.length))
    if (sessionId === 0n) {
      this.#expired++
      member.sessionId = 0n
      member.password = new Uint8Array(16)
      return
    }
    member.sessionId = sessionId
    member.password = passwd === null ? new Uint8Array(16) : Uint8Array.from(passwd)
    member.attached = true
    this.#attached++
  }

  #ping(): void {
    for (const { attached, socket } of this.#members) if (attached) socket?.write(PING)
  }
}

const PING = frame((writer) => {
  writer.int(-2)
  writer.int(OpCode.ping)
})

function greeting({ sessionId, password }: Member, timeoutMs: number): Uint8Array {
  return frame((writer) =>
    ConnectRequest.write(writer, {
      protocolVersion: 0,
      lastZxidSeen: 0,
      timeOut: timeoutMs,
      sessionId,
      passwd: password,
      readOnly: false,
    }),
  )
}

function frame(write: (writer: Writer) => void): Uint8Array {
  const writer = new Writer()
  writer.int(0)
  write(writer)
  const bytes = writer.finish()
  new DataView(bytes.buffer, bytes.byteOffset).setInt32(0, bytes.length - 4)
  return bytes
}
