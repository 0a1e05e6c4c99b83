import { rmSync } from 'node:fs'
import { eventually } from './eventually.ts'
import { fourLetterWord, modeOf } from './four-letter-word.ts'
import type { Place, Running } from './processes/running.ts'
import { ServerHere } from './processes/server-here.ts'
import type { ServerKind } from './processes/server-kind.ts'
import { ServerProcess } from './processes/server-process.ts'

export interface TestServerOptions extends Place {
  /** Its number in its ensemble; 1 for one that stands alone. */
  readonly sid: number
  /** Null: in this process. */
  readonly kind: ServerKind | null
  readonly system: Readonly<Record<string, string>>
}

/** One server of the kit, alone or in an ensemble, which can be ended and started again in its place. */
export class TestServer {
  readonly sid: number
  /** Where it has its zoo.cfg and its data. */
  readonly directory: string
  /** Where clients reach it past all links. */
  readonly port: number
  readonly #options: TestServerOptions
  #running: Running | null = null
  #isPaused = false

  constructor(options: TestServerOptions) {
    this.sid = options.sid
    this.directory = options.directory
    this.port = options.port
    this.#options = options
  }

  /** `host:port`, past all links. */
  get address(): string {
    return `127.0.0.1:${this.port}`
  }

  get isRunning(): boolean {
    return this.#running !== null && this.#running.ended === null
  }

  /** What it does now (`standalone`, `leader`, `follower`, `observer`); null while it serves nobody. */
  async mode(): Promise<string | null> {
    return this.isRunning && !this.#isPaused ? await modeOf(this.port) : null
  }

  /** The answer to a four-letter word. */
  word(word: string): Promise<string> {
    return fourLetterWord(this.port, word)
  }

  /** Starts it where it was. It may serve nobody yet when this resolves: see {@link serving}. */
  async start(): Promise<void> {
    if (this.isRunning) return
    const { kind, directory, port, config, system } = this.#options
    this.#running =
      kind === null
        ? await ServerHere.start({ directory, port, config: { ...system, ...config } })
        : await ServerProcess.start(kind, { directory, port, config, system, waits: false })
  }

  /** Waits until it takes requests. */
  async serving(): Promise<void> {
    await eventually(`server ${this.sid} serves`, async () => {
      if (!this.isRunning) throw new Error(`server ${this.sid} has ended (${this.#running?.ended}):\n${this.log()}`)
      return await this.mode()
    })
  }

  /** Asks it to stop, and waits until it has. */
  async stop(): Promise<void> {
    this.resume()
    await this.#end((running) => running.stop())
  }

  /** Ends it as `kill -9` does; in this process, where nothing can be killed, it stops. */
  async kill(): Promise<void> {
    await this.#end((running) => running.kill())
  }

  /** Stops it and starts it again, with the same data and ports. Resolves once it serves. */
  async restart(): Promise<void> {
    await this.stop()
    await this.start()
    await this.serving()
  }

  /** Lets it stand still (SIGSTOP). @throws {Error} if it is in this process */
  pause(): void {
    if (!this.isRunning) throw new Error(`server ${this.sid} does not run`)
    this.#running?.signal('SIGSTOP')
    this.#isPaused = true
  }

  /** Lets it go on after {@link pause}. */
  resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    this.#running?.signal('SIGCONT')
  }

  /** The end of what it has said. */
  log(): string {
    return this.#running?.logTail() ?? ''
  }

  /** For the kit: ends it, and removes what it has on the disk. */
  async dispose(): Promise<void> {
    await this.kill()
    if (process.env.VIVARIUM_TESTING_KEEP === undefined) rmSync(this.directory, { recursive: true, force: true })
  }

  async #end(how: (running: Running) => Promise<unknown>): Promise<void> {
    const running = this.#running
    this.#running = null
    this.#isPaused = false
    if (running !== null && running.ended === null) await how(running)
  }
}
