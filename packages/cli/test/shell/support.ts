import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLog } from '@vivarium/env'
import { createServerConfig, type RunningServer, startServer } from '@vivarium/server'
import { parseInvocation } from '../../dist/shell/invocation.js'
import { runOnce } from '../../dist/shell/run-shell.js'
import { Shell } from '../../dist/shell/shell.js'

/** A server in this process, with what the shell prints when it is used with it. */
export class TestServer implements AsyncDisposable {
  readonly #server: RunningServer
  readonly #directory: string
  readonly #shells: Shell[] = []

  private constructor(server: RunningServer, directory: string) {
    this.#server = server
    this.#directory = directory
  }

  static async start(): Promise<TestServer> {
    const directory = mkdtempSync(join(tmpdir(), 'vivarium-shell-'))
    const config = createServerConfig({
      dataDir: directory,
      clientPort: 0,
      clientPortAddress: '127.0.0.1',
      forceSync: false,
      extendedTypesEnabled: true,
      tickTimeMs: 1000,
    })
    return new TestServer(await startServer({ config, env: { log: silentLog } }), directory)
  }

  get address(): string {
    return `127.0.0.1:${this.#server.address?.port}`
  }

  /** Runs one command as the command line does. */
  async once(...words: string[]): Promise<Printed & { code: number }> {
    const printed = new Printed()
    const code = await runOnce(parseInvocation(['-server', this.address, '--quiet', ...words]), printed)
    return Object.assign(printed, { code })
  }

  /** A shell that goes on. */
  async shell(...options: string[]): Promise<{ shell: Shell; printed: Printed; run(line: string): Promise<string> }> {
    const printed = new Printed()
    const shell = new Shell(parseInvocation(['-server', this.address, ...options]), printed)
    this.#shells.push(shell)
    await shell.connect()
    await shell.zk?.connected()
    const run = async (line: string): Promise<string> => {
      printed.stdout = ''
      printed.stderr = ''
      await shell.executeLine(line)
      return printed.stdout + printed.stderr
    }
    return { shell, printed, run }
  }

  async close(): Promise<void> {
    for (const shell of this.#shells) await shell.close()
    await this.#server.close()
    rmSync(this.#directory, { recursive: true, force: true })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

export class Printed {
  stdout = ''
  stderr = ''
  #look = (): void => {}
  readonly out = (text: string): void => {
    this.stdout += text
    this.#look()
  }
  /** Waits until what was printed on standard output satisfies. */
  until(satisfied: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#look = () => {
        if (satisfied()) resolve()
      }
      this.#look()
    })
  }
  readonly err = (text: string): void => {
    this.stderr += text
  }
}
