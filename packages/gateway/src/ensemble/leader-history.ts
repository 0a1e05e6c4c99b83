import type { SurveyedMember } from './ensemble-survey.ts'

/** Who has led since a moment. */
export interface LeaderChange {
  /** Milliseconds since 1970. */
  readonly at: number
  /** Its number, or its address where that is not known; null: nobody. */
  readonly leader: string | null
  /** Of its transactions; of those before where nobody leads. */
  readonly epoch: number
}

const MOST_KEPT = 200

/** Who led, as far as somebody has looked: nobody is asked in between. */
export class LeaderHistory {
  readonly #changes: LeaderChange[] = []

  /** The oldest first. */
  get changes(): readonly LeaderChange[] {
    return this.#changes
  }

  /** Takes in what the members say at a moment. A server that stands alone has no leader, and no history of any. */
  note(members: readonly SurveyedMember[], at: number): void {
    if (members.some(({ figures }) => figures?.mode === 'standalone')) return
    const last = this.#changes.at(-1)
    // Who has lost its followers may say for a while that it leads.
    const [now] = members
      .flatMap(({ sid, address, figures }) =>
        figures?.mode === 'leader' ? { at, leader: sid ?? address, epoch: epochOf(figures.zxid) } : [],
      )
      .sort((a, b) => b.epoch - a.epoch)
    const change = now ?? { at, leader: null, epoch: last?.epoch ?? 0 }
    if (last !== undefined && last.leader === change.leader && last.epoch === change.epoch) return
    this.#changes.push(change)
    if (this.#changes.length > MOST_KEPT) this.#changes.shift()
  }
}

const epochOf = (zxid: string): number => Number(BigInt(zxid) >> 32n)
