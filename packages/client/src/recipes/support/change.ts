import { orAborted } from '../../compound/or-aborted.ts'
import { ClosedError, RequestError } from '../../errors.ts'
import type { WatchEvent, Watcher } from '../../watches/watch-event.ts'

/** The one event of a one-shot watch: `watcher` goes with the read, `happened` waits for what it tells. */
export class Change {
  #tell!: (event: WatchEvent) => void
  readonly #event = new Promise<WatchEvent>((resolve) => {
    this.#tell = resolve
  })
  readonly watcher: Watcher = (event) => this.#tell(event)

  /** @throws {RequestError} SESSIONEXPIRED if the watch was lost with its session */
  async happened(signal: AbortSignal): Promise<void> {
    const event = await orAborted(this.#event, signal)
    if (event.type !== 'WatchLost' || event.reason === 'removed') return
    if (event.reason === 'closed') throw new ClosedError()
    throw new RequestError('SESSIONEXPIRED', event.path, { operation: 'exists', maybeApplied: false })
  }
}
