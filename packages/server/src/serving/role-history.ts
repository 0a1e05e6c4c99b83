import type { Clock } from '@vivarium/env'
import type { ServerMode } from '../admin/view.ts'

/** From when on a server was what. */
export interface RoleChange {
  /** Milliseconds of the wall clock. */
  readonly atMs: number
  readonly mode: ServerMode
  readonly epoch: number
  /** Its server id; null while there is none. */
  readonly leader: number | null
}

const MOST_CHANGES = 200

/** What a server was, and who led, since it began: the newest changes, in their order. */
export class RoleHistory {
  readonly #clock: Pick<Clock, 'wallMs'>
  readonly #changes: RoleChange[] = []

  constructor(clock: Pick<Clock, 'wallMs'>) {
    this.#clock = clock
  }

  get changes(): readonly RoleChange[] {
    return this.#changes
  }

  changed(mode: ServerMode, epoch: number, leader: number | null): void {
    const last = this.#changes.at(-1)
    if (last?.mode === mode && last.epoch === epoch && last.leader === leader) return
    this.#changes.push({ atMs: this.#clock.wallMs(), mode, epoch, leader })
    if (this.#changes.length > MOST_CHANGES) this.#changes.shift()
  }
}
