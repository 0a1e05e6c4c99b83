import { joinPath, KeeperError } from '@vivarium/protocol'
import { Op } from '../requests/multi.ts'
import type { Data } from '../requests/results.ts'
import type { WaitOptions, ZooKeeper } from '../zookeeper.ts'
import { Mutex } from './mutex.ts'
import type { Holding } from './support/holding.ts'

/** What is stored: kazoo's JSON. */
interface Record {
  readonly version: number
  readonly holder: string
  /** UTC, to the second, as in 2026-01-31T12:00:00. */
  readonly end: string
}

/**
 * A right that lasts for a time, whatever becomes of its holder's session: kazoo's NonBlockingLease. Whoever holds it
 * renews it by obtaining it again under the same name.
 *
 * It rests on clocks that agree: more weakly than a lock. Use it for what is to be done by one machine at a time where
 * now and then by two does no harm, such as a nightly job.
 *
 * @example
 * const lease = new TimedLease(zk, '/leases/nightly', { holder: hostname() })
 * const until = await lease.obtain(70 * 60_000)
 * if (until !== null) await nightly()
 */
export class TimedLease {
  readonly path: string
  readonly holder: string
  readonly #zk: ZooKeeper
  readonly #record: string
  readonly #mutex: Mutex

  constructor(zk: ZooKeeper, path: string, { holder }: { readonly holder: string }) {
    this.path = path
    this.holder = holder
    this.#zk = zk
    this.#record = joinPath(path, 'lease_holder')
    this.#mutex = new Mutex(zk, path, { layout: 'kazoo', data: holder })
  }

  /**
   * Obtains the lease, or makes it last longer.
   *
   * @param durationMs from now, in milliseconds; what is stored is cut to whole seconds
   * @returns until when it is ours; null if someone else has it
   */
  obtain(durationMs: number, options: WaitOptions = {}): Promise<Date | null> {
    return this.#mutex.run(async (lock) => {
      for (;;) {
        const nowMs = this.#zk.env.clock.wallMs()
        const stored = await this.#read(lock)
        if (stored !== null && !this.#mayTake(stored, nowMs)) return null
        const until = new Date(Math.floor((nowMs + durationMs) / 1000) * 1000)
        const data = JSON.stringify({ version: 1, holder: this.holder, end: until.toISOString().slice(0, 19) })
        const write = stored === null ? Op.create(this.#record, { data }) : Op.setData(this.#record, data)
        if (await applied(lock.guard([write]))) return until
      }
    }, options)
  }

  /** Gives it up before its time. @returns whether it was ours */
  release(options: WaitOptions = {}): Promise<boolean> {
    return this.#mutex.run(async (lock) => {
      let isOurs = false
      for (;;) {
        const stored = await this.#read(lock)
        if (stored === null || decode(stored)?.holder !== this.holder) return isOurs
        isOurs = true
        if (await applied(lock.guard([Op.delete(this.#record)]))) return true
      }
    }, options)
  }

  async #read({ session }: Holding): Promise<Data | null> {
    try {
      return await this.#zk.getData(this.#record, { session })
    } catch (error) {
      if (KeeperError.is(error, 'NONODE')) return null
      throw error
    }
  }

  /** Whether it is ours, or has run out. What cannot be read is not ours to take, as with kazoo. */
  #mayTake(stored: Data, nowMs: number): boolean {
    const record = decode(stored)
    if (record === null) return false
    return record.holder === this.holder || nowMs >= Date.parse(`${record.end}Z`)
  }
}

/** Whether it surely was applied. If that is not known, look again: nobody else can have changed it. */
async function applied(write: Promise<unknown>): Promise<boolean> {
  try {
    await write
    return true
  } catch (error) {
    if (KeeperError.is(error, 'CONNECTIONLOSS')) return false
    throw error
  }
}

function decode({ data }: Data): Record | null {
  try {
    const record: unknown = JSON.parse(data.toString())
    if (typeof record !== 'object' || record === null) return null
    const { version, holder, end } = record as Partial<Record>
    if (version !== 1 || typeof holder !== 'string' || typeof end !== 'string') return null
    return Number.isNaN(Date.parse(`${end}Z`)) ? null : { version, holder, end }
  } catch {
    return null
  }
}
