import type { Listener, ListenOptions, Network, Socket, SocketHandler } from '../network.ts'

interface Listening {
  readonly accept: (socket: Socket) => SocketHandler
}

function networkError(code: string, text: string): Error {
  return Object.assign(new Error(`${code}: ${text}`), { code })
}

/**
 * A network in memory, between hosts that are known by their names. Bytes arrive in order, as soon as the current code
 * has run, unless the two hosts are cut off from each other: then nothing arrives until they are joined again, and who
 * calls waits.
 *
 * @example
 * const network = new MemoryNetwork()
 * await network.host('a').listen({ port: 1 }, accept)
 * const socket = await network.host('b').connect({ host: 'a', port: 1, timeoutMs: 1000 }, handler)
 */
export class MemoryNetwork {
  readonly #listening = new Map<string, Listening>()
  readonly #sockets = new Set<MemorySocket>()
  readonly #cuts = new Set<string>()
  /** What waits for hosts to be joined again. */
  #held: (() => void)[] = []
  #nextPort = 40_000

  /** The network as that host sees it. */
  host(name: string): Network {
    return {
      listen: (options, accept) => this.#listen(name, options, accept),
      connect: (options, handler) => this.#connect(name, options, handler),
    }
  }

  /** Nothing gets from one host to the other any more, in either direction, until they are joined. */
  cut(one: string, other: string): void {
    this.#cuts.add(`${one} ${other}`)
    this.#cuts.add(`${other} ${one}`)
  }

  join(one: string, other: string): void {
    this.#cuts.delete(`${one} ${other}`)
    this.#cuts.delete(`${other} ${one}`)
    for (const attempt of this.#held.splice(0)) attempt()
  }

  /** The host is gone: what it listened on is free, and its connections are closed. */
  end(name: string): void {
    for (const address of this.#listening.keys()) if (address.startsWith(`${name}:`)) this.#listening.delete(address)
    for (const socket of this.#sockets) if (socket.local === name) socket.destroy()
  }

  /** Calls `deliver` once what one host sends arrives at the other. */
  carry(from: string, to: string, deliver: () => void): void {
    const attempt = (): void => {
      if (this.#cuts.has(`${from} ${to}`)) this.#held.push(attempt)
      else deliver()
    }
    queueMicrotask(attempt)
  }

  #listen(name: string, { port }: ListenOptions, accept: Listening['accept']): Promise<Listener> {
    const chosen = port === 0 ? this.#nextPort++ : port
    const address = `${name}:${chosen}`
    if (this.#listening.has(address)) return Promise.reject(networkError('EADDRINUSE', address))
    const listening = { accept }
    this.#listening.set(address, listening)
    const close = (): Promise<void> => {
      if (this.#listening.get(address) === listening) this.#listening.delete(address)
      return Promise.resolve()
    }
    return Promise.resolve({ port: chosen, address: name, close })
  }

  #connect(from: string, { host, port }: { host: string; port: number }, handler: SocketHandler): Promise<Socket> {
    return new Promise((resolve, reject) => {
      this.carry(from, host, () => {
        const listening = this.#listening.get(`${host}:${port}`)
        if (listening === undefined) return reject(networkError('ECONNREFUSED', `${host}:${port}`))
        const near = new MemorySocket(this, from, host, port)
        const far = new MemorySocket(this, host, from, this.#nextPort++)
        near.meet(far)
        far.meet(near)
        for (const socket of [near, far]) this.#sockets.add(socket)
        near.attach(handler)
        far.attach(listening.accept(far))
        resolve(near)
      })
    })
  }

  /** A connection is over. */
  forget(socket: MemorySocket): void {
    this.#sockets.delete(socket)
  }
}

/** One end of a connection. What is written has left at once. */
class MemorySocket implements Socket {
  readonly remoteAddress: string
  readonly remotePort: number
  readonly pendingBytes = 0
  readonly local: string
  readonly #network: MemoryNetwork
  #peer!: MemorySocket
  #handler: SocketHandler | null = null
  #paused = false
  /** What has arrived and was not taken: bytes, or (null) the end. */
  #arrived: (Uint8Array | null)[] = []
  #ended = false
  #closed = false

  constructor(network: MemoryNetwork, local: string, remote: string, remotePort: number) {
    this.#network = network
    this.local = local
    this.remoteAddress = remote
    this.remotePort = remotePort
  }

  meet(peer: MemorySocket): void {
    this.#peer = peer
  }

  attach(handler: SocketHandler): void {
    this.#handler = handler
    this.#take()
  }

  write(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#ended || this.#closed) return true
    const copy = new Uint8Array(end - start)
    copy.set(bytes.subarray(start, end))
    this.#network.carry(this.local, this.remoteAddress, () => this.#peer.#arrive(copy))
    return true
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    queueMicrotask(() => this.#take())
  }

  end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#network.carry(this.local, this.remoteAddress, () => this.#peer.#arrive(null))
  }

  destroy(): void {
    this.end()
    queueMicrotask(() => this.#close())
  }

  #arrive(bytes: Uint8Array | null): void {
    this.#arrived.push(bytes)
    this.#take()
  }

  #take(): void {
    while (!this.#paused && !this.#closed && this.#handler !== null) {
      const bytes = this.#arrived.shift()
      if (bytes === undefined) return
      if (bytes !== null) this.#handler.data(bytes, 0, bytes.length)
      else {
        this.end()
        this.#close()
      }
    }
  }

  #close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#network.forget(this)
    this.#handler?.closed(null)
  }
}
