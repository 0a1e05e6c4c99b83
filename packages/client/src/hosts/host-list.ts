import type { Random } from '@vivarium/env'
import { fraction, shuffled } from '../random.ts'
import { formatHost, type Host } from './connect-string.ts'

/** How long to wait before the first round is repeated, and at most. */
const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 2000
/** Clients that lost the same server come back spread over this time. */
const SPREAD_MS = 50

/**
 * Which server to try next, and when: the list in an order of its own for each client, round and round, with a pause
 * that doubles from round to round and has jitter throughout. A pure machine.
 *
 * When the list changes, clients move only as far as the load asks for it, each by chance and all together evenly
 * (StaticHostProvider.updateServerList; "ZooKeeper dynamic reconfiguration", ATC'12, section 5).
 */
export class HostList {
  readonly #random: Random
  #hosts: readonly Host[]
  #next = 0
  #preferred: Host | null = null
  /** How many attempts have failed since the last success. */
  #failures = 0
  /** While a move is under way: servers that are new to the list, those that are not, and the chance of a new one. */
  #newHosts: Host[] = []
  #oldHosts: Host[] = []
  #chanceOfNew = 0

  constructor(hosts: readonly Host[], random: Random) {
    this.#random = random
    this.#hosts = shuffled(hosts, random)
  }

  get size(): number {
    return this.#hosts.length
  }

  get hosts(): readonly Host[] {
    return this.#hosts
  }

  /** The server to try next, before its turn. */
  prefer(host: Host): void {
    this.#preferred = host
  }

  /** The server to try now. */
  next(): Host {
    const preferred = this.#preferred
    this.#preferred = null
    if (preferred !== null) return preferred
    return this.#nextOfMove() ?? (this.#hosts[this.#next++ % this.#hosts.length] as Host)
  }

  /** How long to wait before that. */
  delayMs(): number {
    const rounds = Math.floor(this.#failures / this.#hosts.length)
    const jitter = fraction(this.#random)
    if (rounds === 0) return this.#failures === 0 ? 0 : jitter * SPREAD_MS
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(rounds - 1, 10))
    return pauseMs * (0.5 + jitter / 2)
  }

  /** An attempt failed, or what it brought was lost again. */
  failed(): void {
    this.#failures++
  }

  /** A server took the session. */
  connected(): void {
    this.#failures = 0
    this.#newHosts = []
    this.#oldHosts = []
  }

  /**
   * Takes another list.
   *
   * @param mine the server that the client is connected to, or was last
   * @returns whether to leave it, for the sake of an even load
   */
  update(hosts: readonly Host[], mine: Host | null): boolean {
    const before = new Set(this.#hosts.map(formatHost))
    const oldSize = this.#hosts.length
    this.#hosts = shuffled(hosts, this.#random)
    this.#next = 0
    this.#failures = 0
    this.#oldHosts = this.#hosts.filter((host) => before.has(formatHost(host)))
    this.#newHosts = this.#hosts.filter((host) => !before.has(formatHost(host)))
    const mineIsListed = mine !== null && this.#hosts.some((host) => formatHost(host) === formatHost(mine))
    const move = this.#decide(oldSize, mineIsListed)
    if (!move) {
      this.#newHosts = []
      this.#oldHosts = []
      // Should the connection be lost, the server that it was to is tried last.
      if (mine !== null) this.#hosts = last(this.#hosts, mine)
    }
    return move
  }

  /** Whether to move, and then how likely to a new server. */
  #decide(oldSize: number, mineIsListed: boolean): boolean {
    const size = this.#hosts.length
    const oldCount = this.#oldHosts.length
    if (size > oldSize) {
      this.#chanceOfNew = 1
      return !mineIsListed || fraction(this.#random) >= oldSize / size
    }
    if (mineIsListed) return false
    // The clients of servers that went share the rest so that all servers have as many in the end.
    this.#chanceOfNew = oldSize === oldCount ? 1 : 1 - (oldCount * (oldSize - size)) / (size * (oldSize - oldCount))
    return true
  }

  /** While moving, each server is tried once, of the group that chance says. */
  #nextOfMove(): Host | undefined {
    const both = this.#newHosts.length > 0 && this.#oldHosts.length > 0
    const takeNew = both ? fraction(this.#random) < this.#chanceOfNew : this.#newHosts.length > 0
    return takeNew ? this.#newHosts.shift() : this.#oldHosts.shift()
  }
}

function last(hosts: readonly Host[], mine: Host): readonly Host[] {
  const name = formatHost(mine)
  return [...hosts.filter((host) => formatHost(host) !== name), ...hosts.filter((host) => formatHost(host) === name)]
}
