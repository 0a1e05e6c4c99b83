import { readFileSync } from 'node:fs'
import { loadConfig, type RunningServer, startServer } from '@vivarium/server'
import { LogTail } from './log-tail.ts'
import { type Place, type Running, writeConfig } from './running.ts'

/** A server of ours in this process: started in milliseconds, and at one with the test's debugger. */
export class ServerHere implements Running {
  readonly #server: RunningServer
  readonly #log: LogTail
  ended: string | null = null

  private constructor(server: RunningServer, log: LogTail) {
    this.#server = server
    this.#log = log
    server.failed.then((error) => {
      this.ended ??= error.message
    })
  }

  static async start(place: Place): Promise<ServerHere> {
    const path = writeConfig(place)
    const { config, messages } = loadConfig({ path, text: readFileSync(path, 'utf8') }, { readFile: readIfPresent })
    if (config === null) throw new Error(messages.map(({ text }) => text).join('\n'))
    const log = new LogTail()
    return new ServerHere(await startServer({ config, env: { log } }), log)
  }

  async stop(): Promise<void> {
    this.ended ??= 'stopped'
    await this.#server.close()
  }

  /** There is no process to be killed: it stops, and the kit cuts its connections before. */
  kill(): Promise<void> {
    return this.stop()
  }

  signal(signal: NodeJS.Signals): never {
    throw new Error(`${signal} is for processes: start the server with { separate: true }`)
  }

  logTail(): string {
    return this.#log.text
  }
}

function readIfPresent(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
