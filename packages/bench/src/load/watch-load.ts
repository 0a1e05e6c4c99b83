import type { Connection, ConnectionHandler } from './connection.ts'
import type { Measurement } from './measurement.ts'
import { type RequestTemplate, writeNumber } from './request-template.ts'
import { connectionLost } from './sessions.ts'

const NOTIFICATION_XID = -1

/**
 * One connection changes a znode, all others watch it. The next change follows when every watch has fired and been left
 * anew. An operation is a notification; its latency counts from the change.
 */
export class WatchLoad implements ConnectionHandler {
  readonly #measurement: Measurement
  readonly #watch: RequestTemplate
  readonly #change: RequestTemplate
  #writer: Connection | null = null
  #watchers = 0
  /** Watches left since the last change. */
  #armed = 0
  #changing = false
  #changedMs = 0
  #ended = false
  #whenDone: () => void = () => {}

  constructor(measurement: Measurement, watch: RequestTemplate, change: RequestTemplate) {
    this.#measurement = measurement
    this.#watch = watch
    this.#change = change
  }

  /** Begins, with the first connection as the writer; the promise is kept when, after `end`, all is answered. */
  run(connections: readonly Connection[]): Promise<void> {
    const [writer, ...watchers] = connections
    this.#writer = writer!
    this.#watchers = watchers.length
    return new Promise((resolve) => {
      this.#whenDone = resolve
      writer!.handler = this
      for (const watcher of watchers) {
        watcher.handler = this
        this.#ask(watcher, this.#watch)
        watcher.flush()
      }
    })
  }

  end(): void {
    this.#ended = true
  }

  opened(): void {}

  replied(connection: Connection, xid: number, errno: number, _length: number, _sentMs: number, nowMs: number): void {
    if (errno !== 0) this.#measurement.failed(`error ${errno}`)
    if (xid === NOTIFICATION_XID) {
      this.#measurement.record(nowMs - this.#changedMs)
      this.#ask(connection, this.#watch)
      return
    }
    if (connection === this.#writer) this.#changing = false
    else this.#armed++
    if (this.#armed === this.#watchers && !this.#changing) this.#next()
  }

  closed(connection: Connection, error: Error | null): void {
    throw connectionLost(connection, error)
  }

  #next(): void {
    if (this.#ended) {
      this.#whenDone()
      return
    }
    this.#armed = 0
    this.#changing = true
    this.#ask(this.#writer!, this.#change)
    this.#changedMs = performance.now()
    this.#writer!.flush()
  }

  #ask(connection: Connection, template: RequestTemplate): void {
    writeNumber(connection.out, connection.add(template) + template.numbersAt[0]!, 0)
  }
}
