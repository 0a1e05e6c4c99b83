import { callBackThrough } from './election-greeting.ts'
import { Wire } from './wire.ts'

/** Where a member listens for the others. */
export interface MemberPorts {
  readonly sid: number
  readonly quorum: number
  readonly election: number
}

/** Who was elected a moment ago may not listen yet. */
const PATIENCE_MS = 500

interface Pair {
  readonly quorum: Wire
  readonly election: Wire
}

/** The wires between the members of an ensemble: one pair for each one that calls and each one that is called. */
export class MemberWires {
  readonly #pairs: ReadonlyMap<string, Pair>
  readonly #sids: readonly number[]

  private constructor(sids: readonly number[], pairs: ReadonlyMap<string, Pair>) {
    this.#sids = sids
    this.#pairs = pairs
  }

  static async start(members: readonly MemberPorts[]): Promise<MemberWires> {
    const pairs = new Map<string, Pair>()
    const start = async (from: MemberPorts, to: MemberPorts): Promise<void> => {
      // The wire for calls back may not be there yet; nobody calls before all are.
      const rewrite = () => callBackThrough((pairs.get(keyOf(to.sid, from.sid)) as Pair).election.port)
      const [quorum, election] = await Promise.all([
        Wire.start(to.quorum, { patienceMs: PATIENCE_MS }),
        Wire.start(to.election, { patienceMs: PATIENCE_MS, rewrite }),
      ])
      pairs.set(keyOf(from.sid, to.sid), { quorum, election })
    }
    const starts = members.flatMap((from) => members.filter((to) => to !== from).map((to) => start(from, to)))
    await Promise.all(starts)
    return new MemberWires(
      members.map(({ sid }) => sid),
      pairs,
    )
  }

  /** The ports through which one member calls another. */
  ports(from: number, to: number): { readonly quorum: number; readonly election: number } {
    const { quorum, election } = this.#pair(from, to)
    return { quorum: quorum.port, election: election.port }
  }

  /** Lets nothing from one member come to the other: neither what it calls to say nor what it answers. */
  silence(from: number, to: number): void {
    for (const wire of wiresOf(this.#pair(from, to))) wire.block('forth')
    for (const wire of wiresOf(this.#pair(to, from))) wire.block('back')
  }

  /** All that one member says to the other takes so many milliseconds longer. */
  delay(from: number, to: number, ms: number): void {
    for (const wire of wiresOf(this.#pair(from, to))) wire.delay(ms, 'forth')
    for (const wire of wiresOf(this.#pair(to, from))) wire.delay(ms, 'back')
  }

  /** Ends all connections of a member with others. */
  cut(sid: number): void {
    for (const other of this.#sids) {
      if (other === sid) continue
      for (const pair of [this.#pair(sid, other), this.#pair(other, sid)]) for (const wire of wiresOf(pair)) wire.cut()
    }
  }

  heal(): void {
    for (const pair of this.#pairs.values()) for (const wire of wiresOf(pair)) wire.heal()
  }

  async close(): Promise<void> {
    await Promise.all([...this.#pairs.values()].flatMap(wiresOf).map((wire) => wire.close()))
  }

  #pair(from: number, to: number): Pair {
    const pair = this.#pairs.get(keyOf(from, to))
    if (pair === undefined) throw new RangeError(`there is no way from server ${from} to server ${to}`)
    return pair
  }
}

const keyOf = (from: number, to: number): string => `${from} ${to}`
const wiresOf = ({ quorum, election }: Pair): Wire[] => [quorum, election]
