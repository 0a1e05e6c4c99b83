import type { ZooKeeper, ZooKeeperOptions } from '@vivarium/client'
import { Clients } from './clients.ts'
import { eventually } from './eventually.ts'
import { Link } from './network/link.ts'
import type { MemberWires } from './network/member-wires.ts'
import { expireSession, type WhichSession } from './sessions/expire.ts'
import type { TestServer } from './test-server.ts'

/** A member, or its number. */
export type Who = TestServer | number

/** The members of an ensemble, the wires between them, and a link for clients. All of it goes away with {@link close}. */
export class TestEnsemble implements AsyncDisposable {
  /** By their numbers, from 1 on. */
  readonly members: readonly TestServer[]
  /** The way of all clients that have no other: a wire to each member. */
  readonly link: Link
  readonly #wires: MemberWires
  readonly #clients = new Clients()
  readonly #links: Link[]
  readonly #removeDirectory: () => void

  /** For `startEnsemble`. */
  constructor(members: readonly TestServer[], wires: MemberWires, link: Link, removeDirectory: () => void) {
    this.members = members
    this.link = link
    this.#wires = wires
    this.#links = [link]
    this.#removeDirectory = removeDirectory
  }

  /** What clients connect to: over {@link link}. */
  get connectString(): string {
    return this.link.connectString
  }

  member(sid: number): TestServer {
    const member = this.members[sid - 1]
    if (member === undefined) throw new RangeError(`there is no server ${sid}`)
    return member
  }

  /** A client on {@link link}, which is closed with the ensemble. */
  connect(options?: ZooKeeperOptions): Promise<ZooKeeper> {
    return this.#clients.connect(this.connectString, options)
  }

  /** Another way to the members, for clients with a fate of their own. */
  async newLink(): Promise<Link> {
    const link = await Link.start(new Map(this.members.map(({ sid, port }) => [sid, port])))
    this.#links.push(link)
    return link
  }

  /** Waits until one member leads, and returns it. */
  async leader(): Promise<TestServer> {
    return await eventually('there is a leader', async () => {
      for (const member of this.members) if ((await member.mode()) === 'leader') return member
      return null
    })
  }

  /** Waits until one of the members that run leads, and all others follow or observe. Returns the leader. */
  async settled(): Promise<TestServer> {
    return await eventually('all members have their roles', async () => {
      const running = this.members.filter(({ isRunning }) => isRunning)
      const modes = await Promise.all(running.map((member) => member.mode()))
      const leaders = running.filter((_, i) => modes[i] === 'leader')
      return modes.includes(null) || leaders.length !== 1 ? null : (leaders[0] as TestServer)
    })
  }

  /** Lets nothing through between members of different groups. Clients reach all that they could reach before. */
  partition(...groups: readonly (readonly Who[])[]): void {
    for (const group of groups) {
      for (const other of groups) {
        if (other !== group) for (const one of group) for (const another of other) this.silence(one, another)
      }
    }
  }

  /** Cuts a member off from all others. */
  isolate(who: Who): void {
    const sid = sidOf(who)
    this.partition(
      [sid],
      this.members.map((member) => member.sid).filter((other) => other !== sid),
    )
  }

  /** One way only: nothing from the first member comes to the second. */
  silence(from: Who, to: Who): void {
    this.#wires.silence(sidOf(from), sidOf(to))
  }

  /** All that one member says to the other takes so many milliseconds longer. */
  delay(from: Who, to: Who, ms: number): void {
    this.#wires.delay(sidOf(from), sidOf(to), ms)
  }

  /** Ends all connections of a member with others; new ones can be made. */
  cut(who: Who): void {
    this.#wires.cut(sidOf(who))
  }

  /** All is well again between members. */
  heal(): void {
    this.#wires.heal()
  }

  /** Ends a session, wherever its client is, as its expiry does. Resolves once it is gone; given a client, once that knows. */
  expire(which: WhichSession): Promise<void> {
    return expireSession(this.members.map(({ address }) => address).join(','), which)
  }

  /** Closes the kit's clients, ends all members, and removes their data. */
  async close(): Promise<void> {
    this.link.cut()
    await Promise.all([this.#clients.close(), ...this.members.map((member) => member.dispose())])
    await Promise.all([this.#wires.close(), ...this.#links.map((link) => link.close())])
    this.#removeDirectory()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

const sidOf = (who: Who): number => (typeof who === 'number' ? who : who.sid)
