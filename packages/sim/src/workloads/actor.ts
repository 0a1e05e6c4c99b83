import { OPEN_ACL_UNSAFE } from '@vivarium/protocol'
import type { SeededRandom } from '../random.ts'
import type { SimClient } from './client.ts'
import type { Operation } from './history.ts'
import { Memory, type Workload, type WorkloadContext } from './workload.ts'

/** How many requests it lets be under way. */
const MOST_PENDING = 12

const FINISH_AGAIN_MS = 500

/** Uses a client: sends what its workload wants, at times of its own. */
export class Actor {
  readonly client: SimClient
  readonly workload: Workload
  /** Whether it has done the last thing that was asked of it. */
  finished = false
  readonly #random: SeededRandom
  readonly #thinkMs: number
  readonly #memory = new Memory()
  readonly #context: WorkloadContext
  #values = 0
  #active = true
  #last: Operation | null = null

  constructor(client: SimClient, workload: Workload, random: SeededRandom) {
    this.client = client
    this.workload = workload
    this.#random = random
    this.#thinkMs = random.pick([20, 80, 300])
    this.#context = {
      random,
      client: client.name,
      versionOf: (path) => this.#memory.versionOf(path),
      childrenOf: (path) => this.#memory.childrenOf(path),
      value: () => `${client.name}.${++this.#values}${random.chance(0.05) ? '.'.repeat(random.int(1, 3000)) : ''}`,
    }
    client.onAnswer = (operation) => this.#answered(operation)
    client.onConnected = () => {
      // What the answer to is lost must be asked for again.
      if (client.session?.closedMs !== null) client.send({ kind: 'closeSession' })
      else this.#finish()
    }
  }

  start(): void {
    this.client.connect()
    this.#act()
  }

  /** No more of the workload: a last write and a read, to see that the service is there for this client again. */
  finish(): void {
    this.#active = false
    this.client.options.process.run(() => {
      this.client.wanted = true
      this.client.connect()
      this.#finish()
    })
  }

  #act(): void {
    this.client.options.process.after(this.#random.between(0, this.#thinkMs * 2), () => {
      if (!this.#active) return
      const { client } = this
      if (client.connected && client.session?.closedMs === null && client.pending.length < MOST_PENDING) {
        if (this.#random.chance(0.006)) this.#leave()
        else for (const request of this.workload.next(this.#context)) client.send(request)
      }
      this.#act()
    })
  }

  /** Now and then a client closes its session, or is gone for longer than it lasts. */
  #leave(): void {
    const { client } = this
    if (this.#random.chance(0.6)) {
      client.send({ kind: 'closeSession' })
      return
    }
    client.wanted = false
    client.disconnect()
    client.options.process.after(this.#random.between(0.5, 2.5) * client.options.timeoutMs, () => {
      client.wanted = true
      client.connect()
    })
  }

  #answered(operation: Operation): void {
    this.#memory.saw(operation)
    if (operation !== this.#last) return
    if (operation.answer?.result.err === 0) this.finished = true
    // While a disk is full writes are refused: then it asks again.
    else this.client.options.process.after(FINISH_AGAIN_MS, () => this.#finish())
  }

  #finish(): void {
    const { client } = this
    if (this.#active || this.finished || !client.connected || client.session?.closedMs !== null) return
    const path = `/last-${client.name}`
    client.send({ kind: 'create', path, data: null, acl: OPEN_ACL_UNSAFE, flags: 0 })
    client.send({ kind: 'setData', path, data: this.#context.value(), version: -1 })
    client.send({ kind: 'sync', path: '/' })
    this.#last = client.send({ kind: 'getData', path, watch: false })
  }
}
