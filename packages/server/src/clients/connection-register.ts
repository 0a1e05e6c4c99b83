import { type Place, Roster } from '@vivarium/core'
import type { ClientLimits } from './client-limits.ts'
import type { Connection } from './connection.ts'

/** How long a client may take to take its last replies and to close its side, in milliseconds. */
const ENDING_MS = 5000

/** Who is connected, how many of them from where, and who has so much time left for what. */
export class ConnectionRegister {
  readonly all = new Roster<Connection>()
  /** With so many another one is turned away, whatever is configured: what the process may open is limited. */
  most = Number.POSITIVE_INFINITY
  readonly #limits: ClientLimits
  readonly #perAddress = new Map<string, number>()
  /** Those who have not begun a session. */
  readonly #greeting = new Roster<Connection>()
  /** Those that send their last replies. */
  readonly #ending = new Roster<Connection>()

  constructor(limits: ClientLimits) {
    this.#limits = limits
  }

  /** Enters a connection, which stays until {@link remove}. Returns why it has to be turned away, or null. */
  add(connection: Connection): string | null {
    const address = connection.socket.remoteAddress
    const count = (this.#perAddress.get(address) ?? 0) + 1
    const refusal = this.#refusal(address, count)
    this.#perAddress.set(address, count)
    connection.place = this.all.add(connection)
    if (refusal === null) connection.greeting = this.#greeting.add(connection)
    return refusal
  }

  #refusal(address: string, count: number): string | null {
    const { perAddress, total } = this.#limits
    const { size } = this.all
    if (perAddress > 0 && count > perAddress) {
      return `there are ${perAddress} connections from ${address} already (maxClientCnxns)`
    }
    if (total > 0 && size >= total) return `there are ${total} connections already (maxCnxns)`
    if (size < this.most) return null
    return `there are ${this.most} connections already, and the process may open few more files (ulimit -n)`
  }

  /** A connection has begun its session. */
  greeted(connection: Connection): void {
    take(this.#greeting, connection.greeting)
    connection.greeting = null
  }

  /** A connection is to end once its last replies are sent, and in any case after {@link ENDING_MS}. */
  ending(connection: Connection, nowMs: number): void {
    connection.ending = this.#ending.add(connection)
    connection.endedMs = nowMs
  }

  /** A connection is over. */
  remove(connection: Connection): void {
    const address = connection.socket.remoteAddress
    const count = (this.#perAddress.get(address) ?? 1) - 1
    if (count > 0) this.#perAddress.set(address, count)
    else this.#perAddress.delete(address)
    take(this.all, connection.place)
    connection.place = null
    this.greeted(connection)
    this.#ended(connection)
  }

  /** A connection of which the last replies were not taken in time; null if there is none. Each is returned once. */
  nextLateEnding(nowMs: number): Connection | null {
    const connection = this.#ending.first?.value
    if (connection === undefined || connection.endedMs > nowMs - ENDING_MS) return null
    this.#ended(connection)
    return connection
  }

  /** A connection that was given up, for it has begun no session in time; null if there is none. Each is returned once. */
  nextLateGreeting(nowMs: number): Connection | null {
    const connection = this.#greeting.first?.value
    if (connection === undefined || connection.greetingEndsMs > nowMs) return null
    this.greeted(connection)
    return connection
  }

  #ended(connection: Connection): void {
    take(this.#ending, connection.ending)
    connection.ending = null
  }
}

function take(roster: Roster<Connection>, place: Place<Connection> | null): void {
  if (place !== null) roster.remove(place)
}
