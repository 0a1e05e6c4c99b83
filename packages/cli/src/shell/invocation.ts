import { CliError } from './failure.ts'

/** What the command line asks of the shell. */
export interface Invocation {
  /** `host:port,host:port…[/chroot]`. */
  readonly server: string
  /** Of the session, in milliseconds. */
  readonly timeoutMs: number
  /** Whether a read-only server will do. */
  readonly canBeReadOnly: boolean
  /** Whether to wait for a connection as long as `timeoutMs`, rather than a few seconds. */
  readonly waitForConnection: boolean
  /** Whether to print values for programs. */
  readonly json: boolean
  /** Whether to leave out what is no result: the notices of connections. */
  readonly quiet: boolean
  /** One command; none: lines are read. */
  readonly words: readonly string[]
}

/** What is said of the options in a list of what there is. */
export const USAGE =
  'vivarium [-server host:port[,…][/chroot]] [-timeout ms] [-r] [-waitforconnection] [--json] [--quiet] [command args…]'

/**
 * Reads a command line in zkCli's manner: options up to the first word that is none, then one command.
 *
 * @throws {CliError}
 */
export function parseInvocation(words: readonly string[]): Invocation {
  const flags = new Set<string>()
  let server = 'localhost:2181'
  let timeout = '30000'
  let at = 0
  const value = (option: string): string => {
    const word = words[++at]
    if (word === undefined) throw new CliError(`Error: no argument found for option ${option}`, 2)
    return word
  }
  for (let word = words[at]; word?.startsWith('-'); word = words[++at]) {
    if (word === '-server') server = value(word)
    else if (word === '-timeout') timeout = value(word)
    else if (['-r', '-waitforconnection', '--json', '--quiet'].includes(word)) flags.add(word)
    else throw new CliError(`Error: unknown option ${word}\n${USAGE}`, 2)
  }
  const timeoutMs = Number(timeout)
  if (!(Number.isInteger(timeoutMs) && timeoutMs > 0 && timeoutMs < 2 ** 31)) {
    throw new CliError(`Error: -timeout ${timeout} is no number of milliseconds`, 2)
  }
  return {
    server,
    timeoutMs,
    canBeReadOnly: flags.has('-r'),
    waitForConnection: flags.has('-waitforconnection'),
    json: flags.has('--json'),
    quiet: flags.has('--quiet') || flags.has('--json'),
    words: words.slice(at),
  }
}
