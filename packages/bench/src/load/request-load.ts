import { errorCodeOf } from '@vivarium/protocol'
import type { Connection, ConnectionHandler } from './connection.ts'
import type { Measurement } from './measurement.ts'
import type { RequestSource } from './requests.ts'
import { connectionLost } from './sessions.ts'

/** Keeps every connection supplied with requests: each reply makes room for the next. */
export class RequestLoad implements ConnectionHandler {
  readonly #measurement: Measurement
  readonly #source: RequestSource
  readonly #replyBytes: number
  readonly #otherReplyBytes: number
  readonly #tolerated: number
  #inFlight = 0
  #whenDone: () => void = () => {}

  /** @param tolerated an error, by number, that is as good as success */
  constructor(source: RequestSource, measurement: Measurement, tolerated = 0) {
    this.#source = source
    this.#measurement = measurement
    this.#tolerated = tolerated
    this.#replyBytes = source.templates[0]!.replyBytes
    this.#otherReplyBytes = source.templates.at(-1)!.replyBytes
  }

  /** Starts to ask; the promise is kept when the source has no more and all is answered. */
  run(connections: readonly Connection[], depth: number): Promise<void> {
    return new Promise((resolve) => {
      this.#whenDone = resolve
      for (const connection of connections) {
        connection.handler = this
        for (let i = 0; i < depth && this.#source.next(connection); i++) this.#inFlight++
        connection.flush()
      }
      if (this.#inFlight === 0) resolve()
    })
  }

  end(): void {
    this.#source.end()
  }

  opened(): void {}

  replied(connection: Connection, _xid: number, errno: number, length: number, sentMs: number, nowMs: number): void {
    if (errno !== 0 ? errno !== this.#tolerated : length !== this.#replyBytes && length !== this.#otherReplyBytes) {
      this.#measurement.failed(errno === 0 ? `a reply of ${length} bytes` : String(errorCodeOf(errno) ?? errno))
    }
    this.#measurement.record(nowMs - sentMs)
    if (this.#source.next(connection)) return
    this.#inFlight--
    if (this.#inFlight === 0) this.#whenDone()
  }

  closed(connection: Connection, error: Error | null): void {
    throw connectionLost(connection, error)
  }
}
