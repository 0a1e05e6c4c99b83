import { joinPath, KeeperError } from '@vivarium/protocol'
import { Op } from '../requests/multi.ts'
import type { Data } from '../requests/results.ts'
import type { WaitOptions, ZooKeeper } from '../zookeeper.ts'
import { Mutex } from './mutex.ts'
import type { Holding } from './support/holding.ts'
import { untilAnswered } from './support/until-answered.ts'

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
   * @throws {RequestError} with `maybeApplied` if the session ended before we were told: it may be ours
   */
  obtain(durationMs: number, options: WaitOptions = {}): Promise<Date | null> {
    return this.#underLock(options, async (lock) => {
      const nowMs = this.#zk.env.clock.wallMs()
      const stored = await this.#read(lock)
      if (stored !== null && !this.#mayTake(stored, nowMs)) return null
      const until = new Date(Math.floor((nowMs + durationMs) / 1000) * 1000)
      const data = JSON.stringify({ version: 1, holder: this.holder, end: until.toISOString().slice(0, 19) })
      await lock.guard([stored === null ? Op.create(this.#record, { data }) : Op.setData(this.#record, data)])
      return until
    })
  }

  /**
   * Gives it up before its time.
   *
   * @returns whether it was ours
   * @throws {RequestError} with `maybeApplied` if the session ended before we were told: it may be ours still
   */
  release(options: WaitOptions = {}): Promise<boolean> {
    let wasOurs = false
    return this.#underLock(options, async (lock) => {
      const stored = await this.#read(lock)
      if (stored === null || decode(stored)?.holder !== this.holder) return wasOurs
      wasOurs = true
      await lock.guard([Op.delete(this.#record)])
      return true
    })
  }

  /** If an answer is lost, the work looks again: nobody else can have changed the lease. */
  #underLock<T>(options: WaitOptions, work: (lock: Holding) => Promise<T>): Promise<T> {
    return this.#mutex.run((lock) => untilAnswered(() => work(lock)), options)
  }

  /** What is stored. After a sync: this server may be behind the one that took a write whose answer was lost. */
  async #read({ session }: Holding): Promise<Data | null> {
    const call = { session }
    try {
      const [, data] = await Promise.all([this.#zk.sync(this.#record, call), this.#zk.getData(this.#record, call)])
      return data
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
