import { isIP } from 'node:net'
import type { Clock } from '@vivarium/env'
import { type MemberAddress, membersOf } from './member-address.ts'
import { askServer, type ServerFigures } from './server-figures.ts'

/** A member, and what it says of itself. */
export interface SurveyedMember {
  readonly sid: string | null
  readonly address: string
  readonly voting: boolean | null
  readonly figures: ServerFigures | null
  /** Why there are no figures. */
  readonly problem: string | null
}

/** However many look at the ensemble, its members are asked no more often than that. */
const KEPT_MS = 1000

/** Asks the members of an ensemble how they do. */
export class EnsembleSurvey {
  readonly #servers: string
  readonly #encrypted: boolean
  readonly #clock: Pick<Clock, 'monotonicMs'>
  #config = ''
  #last: { readonly config: string; readonly atMs: number; readonly members: Promise<SurveyedMember[]> } | null = null

  /** @param encrypted whether the servers take encrypted connections only: four-letter words do not get there */
  constructor(servers: string, encrypted: boolean, clock: Pick<Clock, 'monotonicMs'>) {
    this.#servers = servers
    this.#encrypted = encrypted
    this.#clock = clock
  }

  /** @param given the data of `/zookeeper/config`; null where it cannot be had now: it is the last one that there was */
  members(given: string | null): Promise<SurveyedMember[]> {
    if (given !== null) this.#config = given
    const config = this.#config
    const nowMs = this.#clock.monotonicMs()
    if (this.#last !== null && this.#last.config === config && nowMs < this.#last.atMs + KEPT_MS) {
      return this.#last.members
    }
    const members = Promise.all(membersOf(config, this.#servers).map((member) => this.#ask(member)))
    this.#last = { config, atMs: nowMs, members }
    return members
  }

  async #ask({ sid, host, port, voting }: MemberAddress): Promise<SurveyedMember> {
    const address = `${isIP(host) === 6 ? `[${host}]` : host}:${port}`
    const answer = this.#encrypted ? 'not asked, as connections are encrypted' : await askServer(host, port)
    const figures = typeof answer === 'string' ? null : answer
    return { sid, address, voting, figures, problem: typeof answer === 'string' ? answer : null }
  }
}
