import { type ClientRequest, type IncomingMessage, request } from 'node:http'

/** One server-sent event. */
export interface Heard {
  readonly event: string
  readonly id: string | null
  // biome-ignore lint/suspicious/noExplicitAny: tests look into it as it comes.
  readonly data: any
}

/** What an event stream tells, in its order. */
export class Listener {
  readonly response: IncomingMessage
  /** All that was heard. */
  readonly heard: Heard[] = []
  lastEventId: string | null = null
  readonly #request: ClientRequest
  #text = ''
  #taken = 0
  #wake: () => void = () => {}

  private constructor(asked: ClientRequest, response: IncomingMessage) {
    this.#request = asked
    this.response = response
    response.setEncoding('utf8')
    response.on('data', (chunk: string) => this.#read(chunk))
    response.on('close', () => this.#wake())
    response.on('error', () => {})
  }

  static open(port: number, path: string, headers: Record<string, string> = {}): Promise<Listener> {
    return new Promise((resolve, reject) => {
      const asked = request({ port, host: '127.0.0.1', path: `/api/v1${path}`, headers }, (response) =>
        resolve(new Listener(asked, response)),
      )
      asked.on('error', reject)
      asked.end()
    })
  }

  /** The next one that is no news of the connection. */
  async next(): Promise<Heard> {
    for (;;) {
      const next = this.heard[this.#taken]
      if (next === undefined) {
        if (this.response.destroyed) throw new Error('the stream has ended')
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
        continue
      }
      this.#taken++
      if (next.event !== 'state') return next
    }
  }

  async take(count: number): Promise<Heard[]> {
    const all: Heard[] = []
    while (all.length < count) all.push(await this.next())
    return all
  }

  close(): void {
    this.#request.destroy()
  }

  #read(chunk: string): void {
    this.#text += chunk
    for (let end = this.#text.indexOf('\n\n'); end >= 0; end = this.#text.indexOf('\n\n')) {
      const fields = new Map(
        this.#text
          .slice(0, end)
          .split('\n')
          .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
      )
      this.#text = this.#text.slice(end + 2)
      const [event, data, id = null] = [fields.get('event'), fields.get('data'), fields.get('id')]
      if (event === undefined || data === undefined) continue
      if (id !== null) this.lastEventId = id
      this.heard.push({ event, id, data: JSON.parse(data) })
    }
    this.#wake()
  }
}
