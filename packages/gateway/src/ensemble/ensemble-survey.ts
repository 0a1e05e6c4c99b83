import { isIP } from 'node:net'
import type { Clock } from '@vivarium/env'
import { type LeaderChange, LeaderHistory } from './leader-history.ts'
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

/** What was heard last of the members that a configuration names, and who of them has led. */
interface Survey {
  readonly history: LeaderHistory
  atMs: number
  members: Promise<SurveyedMember[]>
}

/** Callers whose rights differ know of other configurations, and of no more than these of each. */
const MOST_CONFIGS = 8
const MOST_CALLERS = 1000

/** Asks the members of an ensemble how they do. */
export class EnsembleSurvey {
  readonly #servers: string
  readonly #encrypted: boolean
  readonly #clock: Pick<Clock, 'monotonicMs' | 'wallMs'>
  /** The last configuration that each caller could read. */
  readonly #configs = new Map<string, string>()
  readonly #surveys = new Map<string, Survey>()

  /** @param encrypted whether the servers take encrypted connections only: four-letter words do not get there */
  constructor(servers: string, encrypted: boolean, clock: Pick<Clock, 'monotonicMs' | 'wallMs'>) {
    this.#servers = servers
    this.#encrypted = encrypted
    this.#clock = clock
  }

  /**
   * @param caller tells callers apart: none is told of members by what only another may read
   * @param given the data of `/zookeeper/config`; null where it cannot be had now: it is the last one that the caller had
   */
  async members(
    caller: string,
    given: string | null,
  ): Promise<{ readonly members: readonly SurveyedMember[]; readonly leaders: readonly LeaderChange[] }> {
    if (given !== null) keep(this.#configs, caller, given, MOST_CALLERS)
    const config = this.#configs.get(caller) ?? ''
    const survey = this.#survey(config)
    const members = await survey.members
    return { members, leaders: survey.history.changes }
  }

  #survey(config: string): Survey {
    const nowMs = this.#clock.monotonicMs()
    const known = this.#surveys.get(config)
    if (known !== undefined && nowMs < known.atMs + KEPT_MS) return known
    const history = known?.history ?? new LeaderHistory()
    const members = Promise.all(membersOf(config, this.#servers).map((member) => this.#ask(member))).then((all) => {
      history.note(all, this.#clock.wallMs())
      return all
    })
    const survey = { history, atMs: nowMs, members }
    keep(this.#surveys, config, survey, MOST_CONFIGS)
    return survey
  }

  async #ask({ sid, host, port, voting }: MemberAddress): Promise<SurveyedMember> {
    const address = `${isIP(host) === 6 ? `[${host}]` : host}:${port}`
    const answer = this.#encrypted ? 'not asked, as connections are encrypted' : await askServer(host, port)
    const figures = typeof answer === 'string' ? null : answer
    return { sid, address, voting, figures, problem: typeof answer === 'string' ? answer : null }
  }
}

/** The least recently used go first. */
function keep<Value>(map: Map<string, Value>, key: string, value: Value, most: number): void {
  map.delete(key)
  map.set(key, value)
  const [oldest] = map.keys()
  if (map.size > most && oldest !== undefined) map.delete(oldest)
}
