import { Connection, type ConnectionHandler } from './connection.ts'

/** How many sessions are opened at a time. */
const OPENING = 32

/** What to say of a connection that should not have ended; thrown, it ends the load generator. */
export function connectionLost(connection: Connection, error: Error | null): Error {
  return new Error(`connection ${connection.id} was lost: ${error?.message ?? 'the server closed it'}`)
}

/** Opens the sessions of a load, which then handles their replies itself, and closes them in the end. */
export class Sessions implements ConnectionHandler {
  readonly connections: Connection[] = []
  #awaited = 0
  #closing = false
  #arrived: () => void = () => {}

  /**
   * @param depth the most requests in flight on each
   * @param requestBytes the length of the longest request
   */
  async open(count: number, port: number, depth: number, requestBytes: number): Promise<readonly Connection[]> {
    while (this.connections.length < count) {
      const some = Math.min(OPENING, count - this.connections.length)
      const opened = this.#await(some)
      for (let i = 0; i < some; i++) {
        this.connections.push(new Connection(this.connections.length, port, depth, requestBytes, this))
      }
      await opened
    }
    return this.connections
  }

  async close(): Promise<void> {
    this.#closing = true
    const closed = this.#await(this.connections.length)
    for (const connection of this.connections) {
      connection.handler = this
      connection.closeSession()
    }
    await closed
  }

  opened(): void {
    this.#count()
  }

  replied(): void {}

  closed(connection: Connection, error: Error | null): void {
    if (!this.#closing) throw connectionLost(connection, error)
    this.#count()
  }

  #await(count: number): Promise<void> {
    this.#awaited = count
    return new Promise((resolve) => {
      this.#arrived = resolve
    })
  }

  #count(): void {
    this.#awaited--
    if (this.#awaited === 0) this.#arrived()
  }
}
