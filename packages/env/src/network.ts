/** What the handshake of an encrypted connection has settled. */
export interface TlsPeer {
  /** `TLSv1.3`. */
  readonly protocol: string
  /** The cipher suite, by the name that its RFC has for it. */
  readonly cipher: string
  /** The certificate of the peer (DER), of which it has the key, and which was verified; null if it has shown none. */
  readonly certificate: Uint8Array | null
}

/** What a connection tells its owner. All are called from the event loop, never from inside a call to the socket. */
export interface SocketHandler {
  /** The connection is encrypted from here on. Called before any data, and never for a connection in the clear. */
  secured?(peer: TlsPeer): void
  /** Bytes arrived. They are valid only during the call: copy what must outlive it. */
  data(bytes: Uint8Array, start: number, end: number): void
  /** What was queued beyond the kernel's buffer has been written: more can be sent. */
  drained(): void
  /** The connection is over, whoever ended it. Called exactly once; nothing is called after it. */
  closed(error: Error | null): void
}

/** One TCP (or TLS) connection. */
export interface Socket {
  /** The peer's address as text, without a port: `127.0.0.1`, `::1`. */
  readonly remoteAddress: string
  readonly remotePort: number
  /** Bytes accepted by `write` that the kernel has not taken yet. */
  readonly pendingBytes: number
  /**
   * Sends `bytes[start, end)`. True: all of it has left, and the caller may reuse `bytes` at once. False: the rest is
   * queued and will be read from `bytes` later, so the caller must never change it again.
   */
  write(bytes: Uint8Array, start: number, end: number): boolean
  /** Stops calling `handler.data`, so that the peer is slowed down by TCP. */
  pause(): void
  resume(): void
  /** Sends what is queued, then closes. */
  end(): void
  /** Closes at once; with `reset` the peer sees a connection reset. */
  destroy(reset?: boolean): void
}

export interface ListenOptions {
  /** Undefined: all addresses. */
  readonly host?: string | undefined
  readonly port: number
  /** Undefined: the system's default. */
  readonly backlog?: number | undefined
  readonly keepAlive?: boolean | undefined
}

export interface Listener {
  readonly port: number
  readonly address: string
  /** Accepts no further connections; those that exist stay. */
  close(): Promise<void>
}

export interface ConnectOptions {
  /** A name or an address. */
  readonly host: string
  readonly port: number
  readonly timeoutMs: number
  /** The name that the peer's certificate has to prove, where connections are encrypted; undefined: `host`. */
  readonly serverName?: string | undefined
}

export interface Network {
  /** Rejects with the system's error (`code` EADDRINUSE, EACCES, EADDRNOTAVAIL …). */
  listen(options: ListenOptions, accept: (socket: Socket) => SocketHandler): Promise<Listener>
  /** Rejects with the system's error. */
  connect(options: ConnectOptions, handler: SocketHandler): Promise<Socket>
}
