import { KeeperError, type Stat } from '@vivarium/protocol'
import { ClosedError, RequestError } from '../errors.ts'
import type { CallOptions } from '../requests/request.ts'
import type { WatchEvent, Watcher } from '../watches/watch-event.ts'
import type { ZooKeeper } from '../zookeeper.ts'

/** Takes back a watcher that nobody waits for any more. */
export type Forget = (path: string, watcher: Watcher) => void

/** Waits until there is no znode at the path. The watch is only left where there is something to be deleted. */
export async function waitForDeletion(
  zk: ZooKeeper,
  path: string,
  options: CallOptions,
  forget: Forget,
): Promise<void> {
  for (;;) {
    const change = new NextEvent()
    try {
      await zk.getData(path, { ...options, watcher: change.watcher })
    } catch (error) {
      if (KeeperError.is(error, 'NONODE')) return
      throw error
    }
    await change.wait(path, options.signal, forget)
  }
}

/** Waits until there is a znode at the path. */
export async function waitForCreation(
  zk: ZooKeeper,
  path: string,
  options: CallOptions,
  forget: Forget,
): Promise<Stat> {
  for (;;) {
    const change = new NextEvent()
    const stat = await zk.exists(path, { ...options, watcher: change.watcher })
    if (stat !== null) {
      forget(path, change.watcher)
      return stat
    }
    await change.wait(path, options.signal, forget)
  }
}

/** The one event of a one-shot watch, to be waited for. */
class NextEvent {
  #resolve!: (event: WatchEvent) => void
  readonly #event = new Promise<WatchEvent>((resolve) => {
    this.#resolve = resolve
  })
  readonly watcher: Watcher = (event) => this.#resolve(event)

  async wait(path: string, signal: AbortSignal | undefined, forget: Forget): Promise<void> {
    const event = await this.#until(path, signal, forget)
    if (event.type !== 'WatchLost' || event.reason === 'removed') return
    if (event.reason === 'closed') throw new ClosedError()
    throw new RequestError('SESSIONEXPIRED', path, { operation: 'exists', maybeApplied: false })
  }

  #until(path: string, signal: AbortSignal | undefined, forget: Forget): Promise<WatchEvent> {
    if (signal === undefined) return this.#event
    return new Promise((resolve, reject) => {
      const aborted = (): void => {
        forget(path, this.watcher)
        reject(signal.reason)
      }
      this.#event.then((event) => {
        signal.removeEventListener('abort', aborted)
        resolve(event)
      })
      signal.addEventListener('abort', aborted, { once: true })
      if (signal.aborted) aborted()
    })
  }
}
