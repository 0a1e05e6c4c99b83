import { connect, type Socket } from 'node:net'

export interface StreamCrowdOptions {
  /** Of a gateway on this machine. */
  readonly port: number
  /** What each stream watches; they are shared out evenly. */
  readonly paths: readonly string[]
  readonly streams: number
}

/** How a crowd of streams stands. */
export interface StreamCrowdState {
  /** Streams that were told that they hear of everything. */
  readonly ready: number
  /** Changes that have arrived, of all streams together. */
  readonly changes: number
  /** Changes that came a second time, or before one that was made before them; and gaps. */
  readonly wrong: number
  /** The least that any stream has heard of. */
  readonly least: number
  /** Of the changes since the last question: how long they took from being made to being heard of, in milliseconds. */
  readonly delays: { readonly p50: number; readonly p99: number; readonly max: number }
}

/** The name of a znode says which change of its folder it is, and when it was made. */
export const changeName = (count: number): string => `n${String(count).padStart(6, '0')}-${Date.now()}`

const CREATED = /^event: created\ndata: .*"path":"[^"]*\/n(\d+)-(\d+)"/m

interface Reader {
  readonly path: string
  socket: Socket
  ready: boolean
  text: string
  lastEventId: string
  /** How many changes it has heard of: they are to come in their order. */
  heard: number
}

/** Many readers of event streams, who look whether each change comes once and in order. */
export class StreamCrowd {
  readonly #options: StreamCrowdOptions
  readonly #readers: Reader[]
  #changes = 0
  #wrong = 0
  #delays: number[] = []

  constructor(options: StreamCrowdOptions) {
    this.#options = options
    const { streams, paths } = options
    this.#readers = Array.from({ length: streams }, (_, i) => {
      const path = paths[i % paths.length] as string
      const reader = { path, ready: false, text: '', lastEventId: '', heard: 0 } as unknown as Reader
      return reader
    })
  }

  /** Opens all streams, some at a time. */
  async open(atOnce: number): Promise<void> {
    const left = [...this.#readers]
    const next = async (): Promise<void> => {
      for (let reader = left.pop(); reader !== undefined; reader = left.pop()) await this.#connect(reader)
    }
    await Promise.all(Array.from({ length: atOnce }, next))
  }

  /** Lets every second stream be lost, and come back. */
  async reconnect(atOnce: number): Promise<void> {
    const left = this.#readers.filter((_, i) => i % 2 === 0)
    const next = async (): Promise<void> => {
      for (let reader = left.pop(); reader !== undefined; reader = left.pop()) {
        reader.socket.destroy()
        reader.ready = false
        reader.text = ''
        await this.#connect(reader)
      }
    }
    await Promise.all(Array.from({ length: atOnce }, next))
  }

  get state(): StreamCrowdState {
    const delays = this.#delays.sort((a, b) => a - b)
    this.#delays = []
    const at = (share: number): number => delays[Math.min(delays.length - 1, Math.floor(delays.length * share))] ?? 0
    return {
      ready: this.#readers.reduce((sum, { ready }) => sum + Number(ready), 0),
      changes: this.#changes,
      wrong: this.#wrong,
      least: this.#readers.reduce((least, { heard }) => Math.min(least, heard), Number.POSITIVE_INFINITY),
      delays: { p50: at(0.5), p99: at(0.99), max: at(1) },
    }
  }

  #connect(reader: Reader): Promise<void> {
    const { port } = this.#options
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true })
      reader.socket = socket
      const id = reader.lastEventId === '' ? '' : `Last-Event-ID: ${reader.lastEventId}\r\n`
      const path = `/api/v1/events?path=${reader.path}&recursive=true`
      socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${id}\r\n`)
      socket.setEncoding('latin1')
      socket.on('data', (chunk: Buffer | string) => {
        this.#read(reader, String(chunk))
        if (reader.ready) resolve()
      })
      socket.on('error', reject)
      socket.on('close', () => {
        // One that nobody closed was cut off.
        if (reader.socket === socket && reader.ready) this.#wrong++
      })
    })
  }

  #read(reader: Reader, chunk: string): void {
    reader.text += chunk
    for (let end = reader.text.indexOf('\n\n'); end >= 0; end = reader.text.indexOf('\n\n')) {
      const event = reader.text.slice(0, end)
      reader.text = reader.text.slice(end + 2)
      const id = /^id: (.*)$/m.exec(event)?.[1]
      if (id !== undefined) reader.lastEventId = id
      if (event.includes('event: ready')) reader.ready = true
      if (event.includes('event: gap')) this.#wrong++
      const change = CREATED.exec(event)
      if (change === null) continue
      this.#changes++
      if (Number(change[1]) === reader.heard) reader.heard++
      else this.#wrong++
      this.#delays.push(Date.now() - Number(change[2]))
    }
  }
}
