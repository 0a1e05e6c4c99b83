import { type ConnectResponse, JuteError, Reader } from '@vivarium/protocol'
import { Connection, type ConnectionOwner, type Phase } from '../connection/connection.ts'
import type { Output } from '../connection/output.ts'
import { formatHost, type Host } from '../hosts/connect-string.ts'
import type { SaslMechanism } from '../sasl/sasl-mechanism.ts'
import { Dialler } from './dialler.ts'
import { type Greeting, readGreeting, writeGreeting } from './greeting.ts'
import type { KeeperOptions } from './keeper-options.ts'
import { SaslLogin } from './sasl-login.ts'
import type { States } from './states.ts'
import { WritableSearch } from './writable-search.ts'

/** What a link tells the one who has something to say over it. */
export interface LinkOwner {
  /** There is a server: what to say first. */
  greeting(): Greeting
  /** What the server said to that. False: it is of no use, and was let go. */
  granted(host: Host, response: ConnectResponse): boolean
  /** The server knows who we are: requests can be sent. */
  ready(isReadOnly: boolean): void
  /** A reply: what is wrong with it, or null. Throws JuteError for one that cannot be read. */
  deliver(reader: Reader): 'refused' | Error | null
  /** The reply to this request was too long, and was skipped. False: it was not the next. */
  skipped(xid: number, bytes: number): boolean
  /** Bytes came. */
  heard(): void
  /** There is room again for what was written. */
  drained(): void
  /** The server does not believe who we say that we are. */
  refused(operation: 'auth' | 'sasl', cause?: unknown): void
  /** The connection, or the attempt at one, is over. */
  ended(host: Host, cause: Error, phase: Phase): void
}

export interface LinkOptions extends KeeperOptions {
  readonly output: Output
  readonly states: States
  readonly takeXid: () => number
}

/**
 * The way to the ensemble: one connection at a time, from the search for a server over greeting and authentication to its end.
 * What sessions are it does not know.
 */
export class Link implements ConnectionOwner {
  readonly #options: LinkOptions
  readonly #owner: LinkOwner
  readonly #dialler: Dialler
  readonly #reader: Reader
  #connection: Connection | null = null
  #login: SaslLogin | null = null
  /** While the server is a read-only one. */
  #search: WritableSearch | null = null

  constructor(options: LinkOptions, owner: LinkOwner) {
    this.#options = options
    this.#owner = owner
    this.#reader = new Reader(undefined, 0, 0, options.maxReplyBytes)
    this.#dialler = new Dialler({ ...options, begin: (host) => this.#begin(host) })
  }

  /** The server, once requests can be sent. */
  get host(): Host | null {
    return this.#connection?.phase === 'ready' ? this.#connection.host : null
  }

  /** What came of the last attempt at each server since there was a connection. */
  get attempts(): ReadonlyMap<string, string> {
    return this.#dialler.attempts
  }

  /** Looks for a server, unless there is one. */
  dial(): void {
    if (this.#connection === null) this.#dialler.dialLater()
  }

  /** Ends the connection, if there is one, for this reason, as if it had ended by itself. */
  end(cause: Error): void {
    this.#connection?.end(cause)
  }

  /** Ends the connection without a word to the owner. */
  letGo(cause: Error): void {
    const connection = this.#connection
    this.#forget()
    connection?.end(cause)
  }

  /** As {@link letGo}, for good. */
  close(cause: Error): void {
    this.letGo(cause)
    this.#dialler.stop()
  }

  #begin(host: Host): Connection {
    this.#options.states.publish('attempt', () => ({ server: formatHost(host) }))
    this.#connection = new Connection(host, this, this.#options.maxReplyBytes)
    return this.#connection
  }

  #forget(): void {
    this.#connection = null
    this.#login = null
    this.#search?.stop()
    this.#search = null
    this.#dialler.letGo()
    this.#options.output.attach(null)
  }

  // --- what the connection tells ---

  opened(connection: Connection): void {
    if (connection !== this.#connection) return
    const { output } = this.#options
    output.attach(connection.socket)
    writeGreeting(output, this.#owner.greeting())
    output.flush()
  }

  heard(): void {
    this.#owner.heard()
  }

  drained(): void {
    this.#options.output.drained()
    this.#owner.drained()
  }

  frame(connection: Connection, bytes: Uint8Array, start: number, end: number): void {
    this.#reader.reset(bytes, start, end)
    try {
      if (connection.phase === 'ready') this.#reply(connection)
      else if (connection.phase === 'greeting') this.#greeted(connection)
      else if (this.#login !== null) this.#login.replied(this.#reader)
    } catch (error) {
      if (!(error instanceof JuteError)) throw error
      connection.end(error)
    }
  }

  oversized(connection: Connection, bytes: Uint8Array, start: number, end: number, length: number): void {
    this.#reader.reset(bytes, start, end)
    const isReply = connection.phase === 'ready' && end - start >= 4
    if (!isReply || !this.#owner.skipped(this.#reader.int(), length)) {
      connection.end(new Error(`the server sent ${length} bytes, and nothing that long was asked for`))
    }
  }

  ended(connection: Connection, cause: Error, phase: Phase): void {
    if (connection !== this.#connection) return // It was let go already.
    const { host } = connection
    this.#options.states.publish('disconnect', () => ({ server: formatHost(host), cause }))
    this.#forget()
    this.#dialler.failed(host, cause)
    this.#owner.ended(host, cause, phase)
  }

  // --- its phases ---

  #greeted(connection: Connection): void {
    const response = readGreeting(this.#reader)
    if (!this.#owner.granted(connection.host, response)) return
    const { sasl } = this.#options
    if (sasl === null) this.#ready(connection, response.readOnly)
    else this.#authenticate(connection, sasl, response.readOnly)
  }

  #authenticate(connection: Connection, mechanism: SaslMechanism, readOnly: boolean): void {
    connection.phase = 'authenticating'
    const { env, output, takeXid } = this.#options
    this.#login = new SaslLogin({
      exchange: mechanism.start({ host: connection.host.host, random: env.random }),
      output,
      takeXid,
      succeeded: () => void (connection.isOver || this.#ready(connection, readOnly)),
      failed: (cause) => void (connection.isOver || this.#owner.refused('sasl', cause)),
    })
    this.#login.start()
  }

  #ready(connection: Connection, readOnly: boolean): void {
    connection.phase = 'ready'
    this.#login = null
    this.#dialler.succeeded()
    if (readOnly) this.#searchWritable(connection)
    this.#owner.ready(readOnly)
  }

  #reply(connection: Connection): void {
    const wrong = this.#owner.deliver(this.#reader)
    if (wrong === 'refused') this.#owner.refused('auth')
    else if (wrong !== null) connection.end(wrong)
  }

  #searchWritable(connection: Connection): void {
    const { env, hosts } = this.#options
    this.#search = new WritableSearch(
      env,
      () => hosts.hosts,
      (host) => {
        hosts.prefer(host)
        connection.end(new Error('there is a server again that takes writes'))
      },
    )
  }
}
