import type { Log } from '@vivarium/env'
import { type channels, publish } from '../diagnostics.ts'
import type { State, StateChange } from './state.ts'

/** What state the client is in, and who wants to hear of it. */
export class States {
  state: State = 'connecting'
  readonly #client: string
  readonly #log: Log
  readonly #listeners = new Set<(change: StateChange) => void>()

  /** @param client says in diagnostics which it is */
  constructor(client: string, log: Log) {
    this.#client = client
    this.#log = log
  }

  listen(listener: (change: StateChange) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  set(state: State, cause: Error | null): void {
    const previous = this.state
    if (state === previous) return
    this.state = state
    const change = { state, previous, cause }
    this.publish('state', () => change)
    this.#log.debug(state, { previous, cause: cause?.message })
    for (const listener of [...this.#listeners]) {
      try {
        listener(change)
      } catch (error) {
        queueMicrotask(() => {
          throw error // Its program's to handle; ours goes on.
        })
      }
    }
  }

  /** Tells a diagnostics channel, if anyone listens there. */
  publish(channel: keyof typeof channels, message: () => object): void {
    publish(channel, this.#client, message)
  }
}
