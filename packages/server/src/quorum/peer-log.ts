import type { Clock, Log } from '@vivarium/env'

/** So many lines a second about other servers are more than anybody reads. */
const MOST_LINES = 20
const INTERVAL_MS = 1000

type Fields = Record<string, unknown>

/**
 * What there is to say about other servers, and whoever poses as one: so much in a second, and how much was left out. They
 * can cause any number of lines, which cost more than the nonsense that they are about.
 */
export class PeerLog {
  readonly #log: Log
  readonly #clock: Clock
  #sinceMs = Number.NEGATIVE_INFINITY
  #lines = 0

  constructor({ log, clock }: { readonly log: Log; readonly clock: Clock }) {
    this.#log = log
    this.#clock = clock
  }

  info(message: string, fields?: Fields): void {
    if (this.#mayTell()) this.#log.info(message, fields)
  }

  warn(message: string, fields?: Fields): void {
    if (this.#mayTell()) this.#log.warn(message, fields)
  }

  #mayTell(): boolean {
    const nowMs = this.#clock.monotonicMs()
    if (nowMs - this.#sinceMs >= INTERVAL_MS) {
      const omitted = this.#lines - MOST_LINES
      if (omitted > 0) this.#log.warn(`${omitted} more lines about other servers were left out.`)
      this.#sinceMs = nowMs
      this.#lines = 0
    }
    return ++this.#lines <= MOST_LINES
  }
}
