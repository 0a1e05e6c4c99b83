import { SeededRandom } from '../random.ts'
import { EventQueue } from './event-queue.ts'
import { SimProcess } from './process.ts'
import { Trace } from './trace.ts'

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/**
 * The simulated world: one queue of events, one virtual time, one seed. Everything that happens is an event; the
 * promises that it settles have all run before the next event is taken, so that their order is the queue's.
 */
export class World {
  readonly seed: number
  readonly queue = new EventQueue()
  readonly trace: Trace
  readonly random: SeededRandom
  /** Exceptions and rejections that nobody handled: a real process would have ended. */
  readonly crashes: string[] = []
  /** Events that were taken. */
  events = 0

  constructor(seed: number, options: { readonly keepTrace?: boolean } = {}) {
    this.seed = seed
    this.random = new SeededRandom(seed, 'world')
    this.trace = new Trace(() => this.queue.nowMs, options.keepTrace ?? false)
  }

  get nowMs(): number {
    return this.queue.nowMs
  }

  process(name: string): SimProcess {
    return new SimProcess(this, name)
  }

  /** Lets events happen until `done`, or until `untilMs` has come. True if `done`. */
  async run(done: () => boolean, untilMs: number): Promise<boolean> {
    const onRejection = (reason: unknown): void => this.crashed('a promise was rejected and nobody cared', reason)
    process.on('unhandledRejection', onRejection)
    try {
      await nextTurn()
      while (!done()) {
        const fire = this.queue.next(untilMs)
        if (fire === null) return false
        this.events++
        fire()
        // All microtasks run before an immediate does, those that they make included.
        await nextTurn()
      }
      return true
    } finally {
      process.off('unhandledRejection', onRejection)
    }
  }

  crashed(how: string, reason: unknown): void {
    const text = reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)
    this.crashes.push(`${how}: ${text}`)
    this.trace.add('server', `${how}: ${reason instanceof Error ? reason.message : String(reason)}`)
  }
}
