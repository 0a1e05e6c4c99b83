import { Connection, type ConnectionHandler } from './connection.ts'
import type { Measurement } from './measurement.ts'
import { connectionLost } from './sessions.ts'

/** Opens sessions and closes them, so many at a time. The latency is that of the answer to the greeting. */
export class SessionLoad implements ConnectionHandler {
  readonly #port: number
  readonly #measurement: Measurement
  readonly #closing = new Set<Connection>()
  #count = 0
  #ended = false
  #whenDone: () => void = () => {}

  constructor(port: number, measurement: Measurement) {
    this.#port = port
    this.#measurement = measurement
  }

  /** Begins; the promise is kept when, after `end`, the last session is closed. */
  run(connections: number): Promise<void> {
    return new Promise((resolve) => {
      this.#whenDone = resolve
      for (let id = 0; id < connections; id++) this.#dial(id)
    })
  }

  end(): void {
    this.#ended = true
  }

  opened(connection: Connection, sentMs: number, nowMs: number): void {
    this.#measurement.record(nowMs - sentMs)
    this.#closing.add(connection)
    connection.closeSession()
  }

  replied(): void {}

  closed(connection: Connection, error: Error | null): void {
    if (!this.#closing.delete(connection)) throw connectionLost(connection, error)
    this.#count--
    if (!this.#ended) this.#dial(connection.id)
    else if (this.#count === 0) this.#whenDone()
  }

  #dial(id: number): void {
    this.#count++
    new Connection(id, this.#port, 1, 0, this)
  }
}
