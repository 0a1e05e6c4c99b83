import { parseInvocation, Shell as VivariumShell } from '@vivarium/cli/shell'
import { linesOf, type Said, type Shell } from './shell.ts'

/** Our shell, in this process. */
export class OwnShell implements Shell {
  readonly #shell: VivariumShell
  readonly #printed: { out: string; err: string }
  readonly events: string[] = []

  private constructor(shell: VivariumShell, printed: { out: string; err: string }) {
    this.#shell = shell
    this.#printed = printed
  }

  static async start(server: string, options: readonly string[] = []): Promise<OwnShell> {
    const printed = { out: '', err: '' }
    const shell = new VivariumShell(parseInvocation(['-server', server, ...options]), {
      out: (text) => {
        printed.out += text
      },
      err: (text) => {
        printed.err += text
      },
    })
    const own = new OwnShell(shell, printed)
    await shell.start()
    await shell.zk?.connected()
    own.#said()
    return own
  }

  async run(line: string): Promise<Said> {
    await this.#shell.executeLine(line)
    return this.#said()
  }

  end(): Promise<void> {
    return this.#shell.close()
  }

  #said(): Said {
    const { lines, events } = linesOf(this.#printed.out)
    const err = linesOf(this.#printed.err).lines
    this.events.push(...events)
    this.#printed.out = ''
    this.#printed.err = ''
    return { out: lines, err, exitCode: this.#shell.exitCode }
  }
}
