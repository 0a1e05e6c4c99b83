import net from 'node:net'
import { TLSSocket } from 'node:tls'
import type { ConnectOptions, Listener, ListenOptions, Network, Socket, SocketHandler } from '../network.ts'
import { type Writing, writeDirectly } from './direct-write.ts'

/** Where the kernel puts what it read, for every socket in turn: nothing is kept between two calls of `data`. */
const readBuffer = Buffer.allocUnsafeSlow(65_536)

export type Received = (bytes: Uint8Array, end: number) => void

/** The parts of Node's sockets that carry the operating system's handle. Undocumented, and absent in other runtimes. */
interface WithHandle {
  readonly _handle?: { onconnection?: (status: number, handle?: object) => void } | null
}

/** Becomes an accepted connection, given what opens its socket. */
type Accepted = (open: (received: Received) => net.Socket) => void

/**
 * Has a socket read into one shared buffer instead of allocating 64 KiB per read: a fifth less CPU per request. When it
 * has filled the buffer it stops reading, for libuv would fill it some thirty times more before it looks at other sockets:
 * see `NodeSocket.#receive`.
 */
function intoShared(received: Received): net.OnReadOpts {
  return {
    buffer: readBuffer,
    callback(length: number, bytes: Uint8Array): boolean {
      received(bytes, length)
      return length < bytes.length
    },
  }
}

function readingShared(handle: object, received: Received): net.Socket {
  // Node copies the options by spreading them. V8 (as in Node 20) makes new maps for each copy of a plain object, which makes
  // half of what a connection leaves outlive its garbage collection; of one without a prototype it does not.
  const options: Record<string, unknown> = Object.create(null)
  options.handle = handle
  options.onread = intoShared(received)
  options.readable = true
  options.writable = true
  return new net.Socket(options as net.SocketConstructorOpts)
}

/** What Node keeps of `onread`, under symbols of its own. */
type Hidden = Record<symbol, unknown> & { readonly _handle?: { useUserBuffer?: (buffer: Uint8Array) => void } | null }

/**
 * Has an encrypted socket read into the shared buffer as well, which Node offers only to who encrypts from the beginning.
 * Where there is no such thing to be had, it emits what it reads.
 */
function decryptingShared(socket: TLSSocket, received: Received, stopped: () => void): void {
  const hidden = socket as unknown as Hidden
  const symbols = new Map(Object.getOwnPropertySymbols(socket).map((symbol) => [symbol.description, symbol]))
  const [buffer, callback] = [symbols.get('kBuffer'), symbols.get('kBufferCb')]
  const handle = hidden._handle
  if (buffer === undefined || callback === undefined || typeof handle?.useUserBuffer !== 'function') {
    emitting(socket, received)
    return
  }
  handle.useUserBuffer(readBuffer)
  hidden[buffer] = readBuffer
  // Records are smaller than the buffer: it stops whenever as much has come of them.
  let left = readBuffer.length
  hidden[callback] = (length: number, bytes: Uint8Array): boolean => {
    received(bytes, length)
    left -= length
    if (left > 0) return true
    left = readBuffer.length
    stopped()
    return false
  }
}

/** What is left where a socket was constructed without a buffer to read into. */
export function emitting(socket: net.Socket, received: Received): net.Socket {
  return socket.on('data', (chunk: Buffer) => received(chunk, chunk.length))
}

/**
 * Takes the handles of accepted connections from a listening server, before it constructs a socket for each: Node offers
 * to read into a given buffer only to who constructs. Where there is no such thing to be had, nothing happens.
 */
function acceptHandles(server: net.Server, accept: (handle: object) => void): void {
  const listening = (server as WithHandle)._handle
  if (typeof listening?.onconnection !== 'function') return
  listening.onconnection = (status, handle) => {
    // An accept that fails (EMFILE) is tried again with the next connection: those that exist must go on.
    if (status === 0 && handle !== undefined) accept(handle)
  }
}

/**
 * How many bytes of an encrypted connection may be on their way to the kernel before they count as pending: encrypting
 * takes a turn of the event loop, so that without this no write would ever be done at once.
 */
const ENCRYPTING_BYTES = 65_536

/** One of Node's sockets, plain or encrypted. */
export class NodeSocket implements Socket, Writing {
  readonly remoteAddress: string
  readonly remotePort: number
  #socket: net.Socket
  /** What an encrypted connection was before its handshake; null for others, and for those that were encrypted at once. */
  #carrier: net.Socket | null = null
  #encrypted: boolean
  #handler: SocketHandler | null = null
  #error: Error | null = null
  #draining = false
  /** What was left of the last write past the stream. */
  #left = 0
  #paused = false
  /** What was decrypted already when reading was paused. */
  #held: Uint8Array[] = []

  constructor(open: (received: Received) => net.Socket) {
    this.#socket = open((bytes, end) => this.#receive(bytes, end))
    this.#encrypted = this.#socket instanceof TLSSocket
    const address = this.#socket.remoteAddress ?? ''
    // A listener on `::` sees IPv4 peers as mapped addresses; ACLs and limits know them by their own.
    this.remoteAddress = address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address
    this.remotePort = this.#socket.remotePort ?? 0
    this.#watch(this.#socket)
  }

  attach(handler: SocketHandler): void {
    this.#handler = handler
    this.resume()
  }

  /** What has been received in the clear, `begun`, was the beginning of a handshake: `over` takes the connection over. */
  encrypt(begun: Uint8Array, over: (carrier: net.Socket) => TLSSocket): TLSSocket {
    const carrier = this.#socket
    carrier.pause()
    carrier.removeAllListeners('data')
    carrier.unshift(begun)
    const socket = over(carrier)
    this.#carrier = carrier
    this.#socket = socket
    this.#encrypted = true
    this.#watch(socket)
    decryptingShared(
      socket,
      (bytes, end) => this.#receive(bytes, end),
      () => setImmediate(() => this.#goOn()),
    )
    socket.resume()
    return socket
  }

  /** Closes at once, for this reason. */
  fail(error: Error): void {
    this.#error ??= error
    this.#socket.destroy()
  }

  get pendingBytes(): number {
    const pending = this.#left + this.#socket.writableLength
    return this.#encrypted ? Math.max(0, pending - ENCRYPTING_BYTES) : pending
  }

  write(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#encrypted) return this.#writeEncrypted(bytes, start, end)
    const socket = this.#socket
    if (this.pendingBytes > 0 || socket.writableEnded || !this.#writeDirectly(bytes, start, end))
      socket.write(Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start))
    if (this.pendingBytes === 0) return true
    this.#tellWhenDrained()
    return false
  }

  #writeDirectly(bytes: Uint8Array, start: number, end: number): boolean {
    const all = start === 0 && end === bytes.length
    const left = writeDirectly(this.#socket, all ? bytes : bytes.subarray(start, end), this)
    if (left > 0) this.#left = left
    return left >= 0
  }

  written(error: Error | null): void {
    this.#left = 0
    if (error !== null) this.#socket.destroy(error)
  }

  /**
   * Node's own `drain` comes only after more than its high water mark was pending; here it comes after anything was. Where
   * the connection was ended, here or by Node since the peer has, there is no more to send.
   */
  #tellWhenDrained(): void {
    if (this.#draining || this.#socket.writableEnded) return
    this.#draining = true
    this.#socket.write('', (error) => {
      this.#draining = false
      if (error || this.#socket.writableEnded) return
      if (this.pendingBytes > 0) this.#tellWhenDrained()
      else this.#handler?.drained()
    })
  }

  pause(): void {
    this.#paused = true
    this.#socket.pause()
  }

  resume(): void {
    this.#paused = false
    if (this.#held.length === 0) this.#socket.resume()
    else setImmediate(() => this.#release())
  }

  /** One read from the network may be several of these, whether or not it is paused in between. */
  #receive(bytes: Uint8Array, end: number): void {
    // Who sends without end takes turns with all others.
    if (bytes === readBuffer && end === bytes.length) setImmediate(() => this.#goOn())
    if (this.#paused || this.#held.length > 0) this.#held.push(Uint8Array.from(bytes.subarray(0, end)))
    else this.#handler?.data(bytes, 0, end)
  }

  #goOn(): void {
    if (!this.#paused) this.#socket.resume()
  }

  #release(): void {
    while (!this.#paused) {
      const bytes = this.#held.shift()
      if (bytes === undefined) {
        this.#socket.resume()
        return
      }
      this.#handler?.data(bytes, 0, bytes.length)
    }
  }

  end(): void {
    this.#socket.end()
  }

  destroy(reset = false): void {
    if (reset && (this.#carrier !== null || !this.#encrypted)) (this.#carrier ?? this.#socket).resetAndDestroy()
    else this.#socket.destroy()
  }

  /** What waits is a copy, so that the caller's bytes are its own again; what does not is encrypted by the time this returns. */
  #writeEncrypted(bytes: Uint8Array, start: number, end: number): boolean {
    const own = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start)
    this.#socket.write(this.#socket.writableLength === 0 ? own : Buffer.from(own))
    if (this.pendingBytes === 0) return true
    this.#tellWhenDrained()
    return false
  }

  #watch(socket: net.Socket): void {
    socket.on('error', (error) => {
      this.#error ??= error
    })
    socket.on('close', () => {
      // What carries an encrypted connection ends before it.
      if (socket !== this.#socket) return
      const handler = this.#handler
      this.#handler = null
      handler?.closed(this.#error)
    })
  }
}

/** Listens for TCP connections, each of which becomes what `accepted` makes of it. Rejects with the system's error. */
export function listenForSockets(options: ListenOptions, accepted: (socket: NodeSocket) => void): Promise<Listener> {
  const begin: Accepted = (open) =>
    accepted(
      new NodeSocket((received) =>
        open(received)
          .setNoDelay(true)
          .setKeepAlive(options.keepAlive ?? false),
      ),
    )
  const server = net.createServer({ pauseOnConnect: true }, (socket) => begin((received) => emitting(socket, received)))
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: options.host, port: options.port, backlog: options.backlog ?? 1024 }, () => {
      server.removeListener('error', reject)
      server.on('error', () => {})
      acceptHandles(server, (handle) => begin((received) => readingShared(handle, received)))
      const bound = server.address() as net.AddressInfo
      resolve({
        port: bound.port,
        address: bound.address,
        close: () => {
          // The port is free at once; waiting for `close` would mean waiting for the connections too.
          server.close()
          return Promise.resolve()
        },
      })
    })
  })
}

/** TCP by Node's `net`. */
export class NodeNetwork implements Network {
  listen(options: ListenOptions, accept: (socket: Socket) => SocketHandler): Promise<Listener> {
    return listenForSockets(options, (socket) => socket.attach(accept(socket)))
  }

  connect(options: ConnectOptions, handler: SocketHandler): Promise<Socket> {
    let received: Received = () => {}
    const onread = intoShared((bytes, end) => received(bytes, end))
    const raw = net.connect({ host: options.host, port: options.port, noDelay: true, onread })
    const open = (to: Received): net.Socket => {
      received = to
      return raw
    }
    return connected(raw, 'connect', options.timeoutMs, open, handler)
  }
}

/**
 * Waits until a socket is connected, for `timeoutMs` at most.
 *
 * @param admit has the last word, before anything is received: it rejects if the connection is not to be
 */
export function connected(
  raw: net.Socket,
  event: 'connect' | 'secureConnect',
  timeoutMs: number,
  open: (received: Received) => net.Socket,
  handler: SocketHandler,
  admit?: () => Promise<void>,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => raw.destroy(Object.assign(new Error('the connection attempt timed out'), { code: 'ETIMEDOUT' })),
      timeoutMs,
    )
    const failed = (error: Error): void => {
      clearTimeout(timer)
      reject(error)
    }
    raw.once('error', failed)
    const settled = (): void => {
      if (raw.destroyed) return failed(new Error('the connection has ended'))
      clearTimeout(timer)
      raw.removeListener('error', failed)
      const socket = new NodeSocket(open)
      socket.attach(handler)
      resolve(socket)
    }
    raw.once(event, () => {
      if (admit === undefined) settled()
      else admit().then(settled, (error: Error) => raw.destroy(error))
    })
  })
}
