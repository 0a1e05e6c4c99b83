import { SeededRandom } from '../random.ts'
import { EventQueue } from './event-queue.ts'
import { SimProcess } from './process.ts'
import { Trace } from './trace.ts'

/** How many events are taken in one turn of Node's event loop: a turn takes longer than most events do. */
const EVENTS_PER_TURN = 256

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
      return await new Promise<boolean>((resolve, reject) => this.#takeEvents(done, untilMs, resolve, reject))
    } finally {
      process.off('unhandledRejection', onRejection)
    }
  }

  /** Each event is an immediate: all microtasks, those that they make included, run before the next one does. */
  #takeEvents(
    done: () => boolean,
    untilMs: number,
    resolve: (done: boolean) => void,
    reject: (error: unknown) => void,
  ): void {
    let over = false
    const next = (): void => {
      if (over) return
      try {
        const isDone = done()
        const fire = isDone ? null : this.queue.next(untilMs)
        over = fire === null
        if (fire === null) return resolve(isDone)
        this.events++
        fire()
      } catch (error) {
        over = true
        reject(error)
      }
    }
    const turn = (): void => {
      if (over) return
      for (let count = 0; count < EVENTS_PER_TURN; count++) setImmediate(next)
      setImmediate(turn)
    }
    turn()
  }

  crashed(how: string, reason: unknown): void {
    const text = reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)
    this.crashes.push(`${how}: ${text}`)
    this.trace.add('server', `${how}: ${reason instanceof Error ? reason.message : String(reason)}`)
  }
}
