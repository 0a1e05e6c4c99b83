import type { Socket, SocketHandler } from '@vivarium/env'
import type { Host } from '../hosts/connect-string.ts'
import { type FrameSink, Frames } from './frames.ts'

/** What a connection tells the one who made it. */
export interface ConnectionOwner {
  /** Bytes came. */
  heard(): void
  opened(connection: Connection): void
  /** A whole frame. Throws JuteError for one that cannot be read. */
  frame(connection: Connection, bytes: Uint8Array, start: number, end: number): void
  oversized(connection: Connection, bytes: Uint8Array, start: number, end: number, length: number): void
  drained(): void
  /** Told once, whatever ended it, with where it had come to. */
  ended(connection: Connection, cause: Error, phase: Phase): void
}

/** Where a connection has come to: from the first attempt to the end. */
export type Phase = 'dialing' | 'greeting' | 'authenticating' | 'ready' | 'over'

/** One attempt at a server, and the connection that comes of it. */
export class Connection implements SocketHandler, FrameSink {
  readonly host: Host
  phase: Phase = 'dialing'
  socket: Socket | null = null
  readonly #owner: ConnectionOwner
  readonly #frames: Frames

  constructor(host: Host, owner: ConnectionOwner, maxReplyBytes: number) {
    this.host = host
    this.#owner = owner
    this.#frames = new Frames(this, maxReplyBytes)
  }

  get isOver(): boolean {
    return this.phase === 'over'
  }

  opened(socket: Socket): void {
    if (this.isOver) return socket.destroy()
    this.socket = socket
    this.phase = 'greeting'
    this.#owner.opened(this)
  }

  data(bytes: Uint8Array, start: number, end: number): void {
    if (this.isOver) return
    this.#owner.heard()
    if (!this.#frames.push(bytes, start, end)) this.end(new Error('the server sent what is no frame'))
  }

  frame(bytes: Uint8Array, start: number, end: number): boolean {
    this.#owner.frame(this, bytes, start, end)
    return !this.isOver
  }

  oversized(bytes: Uint8Array, start: number, end: number, length: number): boolean {
    this.#owner.oversized(this, bytes, start, end, length)
    return !this.isOver
  }

  drained(): void {
    if (!this.isOver) this.#owner.drained()
  }

  closed(error: Error | null): void {
    this.end(error ?? new Error('the server closed the connection'))
  }

  /** Ends it now, for this reason. */
  end(cause: Error): void {
    if (this.isOver) return
    const { phase } = this
    this.phase = 'over'
    this.socket?.destroy()
    this.#owner.ended(this, cause, phase)
  }
}
