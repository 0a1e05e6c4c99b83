import type { Session } from '@vivarium/client'
import type { Holding, OwnershipLostError } from '@vivarium/client/recipes'
import type {
  Addition,
  Closure,
  Copy,
  Delivery,
  Hold,
  HoldKind,
  Journal,
  Keep,
  LeaseCall,
  Passage,
  Pause,
  Put,
  Revocation,
  Stay,
  Take,
} from './journal.ts'

/** Writes the journal of a run. */
export class Recorder implements Journal {
  readonly holds: Hold[] = []
  readonly pauses: Pause[] = []
  readonly additions: Addition[] = []
  readonly sums = new Map<string, number>()
  readonly puts: Put[] = []
  readonly takes: Take[] = []
  readonly left = new Map<string, string[]>()
  readonly passages: Passage[] = []
  readonly closures: Closure[] = []
  readonly stays: Stay[] = []
  readonly dueMs = new Map<string, number>()
  readonly deliveries: Delivery[] = []
  readonly leaseCalls: LeaseCall[] = []
  readonly revocationRequests: Revocation[] = []
  readonly revocations: (Revocation & { readonly who: string })[] = []
  readonly keeps: Keep[] = []
  readonly copies: Copy[] = []
  readonly there = new Map<string, readonly string[]>()
  readonly told = { deletions: new Map<string, Set<string>>(), childChanges: new Map<string, number>() }
  readonly leftovers = new Map<string, string[]>()
  readonly leases = new Map<string, number>()
  readonly stalled: string[] = []
  crashes: readonly string[] = []
  isPatient = false
  readonly #robbed: [Hold, Session][] = []
  readonly #nowMs: () => number
  readonly #say: (text: string) => void

  constructor(nowMs: () => number, say: (text: string) => void) {
    this.#nowMs = nowMs
    this.#say = say
  }

  /** From now on `who` holds the thing, until the holding's signal says otherwise. */
  hold(thing: string, kind: HoldKind, who: string, { token, signal, session }: Holding): Hold {
    const hold: Hold = { thing, kind, who, token, fromMs: this.#nowMs(), untilMs: null, robbed: false }
    this.holds.push(hold)
    this.#say(`${who} holds ${thing} (${kind}), token ${token}`)
    const end = (): void => {
      if (hold.untilMs !== null) return
      hold.untilMs = this.#nowMs()
      const { reason, message } = signal.reason as OwnershipLostError
      this.#say(`${who} holds ${thing} no more: ${message}`)
      if (reason !== 'deleted') return
      hold.robbed = true
      this.#robbed.push([hold, session])
    }
    if (signal.aborted) end()
    else signal.addEventListener('abort', end, { once: true })
    return hold
  }

  isHolding(who: string): boolean {
    return this.holds.some((hold) => hold.who === who && hold.untilMs === null)
  }

  /** The run is over. The end of a znode can be told before that of its session, which a server has given up. */
  settle(): void {
    for (const [hold, { signal }] of this.#robbed) {
      if ((signal.reason as { code?: string } | undefined)?.code === 'SESSIONEXPIRED') hold.robbed = false
    }
  }

  /** It runs no more: what it held it does not use. */
  killed(who: string): void {
    for (const hold of this.holds) {
      if (hold.who !== who) continue
      hold.untilMs ??= this.#nowMs()
      hold.robbed = false // It did not come to hear of the end of its session.
    }
    for (const stay of this.stays) if (stay.who === who) stay.endedMs ??= this.#nowMs()
  }

  /** A client was told of a change. */
  heard(client: string, type: string, path: string): void {
    const { deletions, childChanges } = this.told
    if (type === 'NodeDeleted') deletions.set(path, (deletions.get(path) ?? new Set()).add(client))
    else if (type === 'NodeChildrenChanged') childChanges.set(path, (childChanges.get(path) ?? 0) + 1)
  }
}
