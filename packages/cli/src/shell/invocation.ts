import { CliError } from './failure.ts'
import { type ClientSettings, clientSettings } from './security/client-settings.ts'

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
  /** Encryption, credentials, limits. */
  readonly client: ClientSettings
  /** One command; none: lines are read. */
  readonly words: readonly string[]
}

/** What is said of the options in a list of what there is. */
export const USAGE =
  'vivarium [-server host:port[,…][/chroot]] [-timeout ms] [-r] [-waitforconnection] [-client-configuration file] ' +
  '[--tls…] [--sasl-user name] [--json] [--quiet] [command args…]'

/** Says what happens without a command, too; options may follow. */
export const SHELL = 'shell'

const FLAGS: ReadonlySet<string> = new Set(['-r', '-waitforconnection', '--json', '--quiet', '--tls', '--tls-any-name'])
const VALUED: ReadonlySet<string> = new Set([
  '-server',
  '-timeout',
  '-client-configuration',
  '--tls-ca',
  '--tls-cert',
  '--tls-key',
  '--tls-pfx',
  '--tls-passphrase-file',
  '--tls-server-name',
  '--sasl-user',
  '--sasl-password-file',
])

/**
 * Reads a command line in zkCli's manner: options up to the first word that is none, then one command.
 *
 * @throws {CliError}
 */
export function parseInvocation(words: readonly string[]): Invocation {
  const flags = new Set<string>()
  const values = new Map<string, string>()
  let at = 0
  for (let word = words[at]; word?.startsWith('-') || word === SHELL; word = words[++at]) {
    if (word === SHELL) continue
    if (FLAGS.has(word)) flags.add(word)
    else if (VALUED.has(word)) {
      const value = words[++at]
      if (value === undefined) throw new CliError(`Error: no argument found for option ${word}`, 2)
      values.set(word, value)
    } else throw new CliError(`Error: unknown option ${word}\n${USAGE}`, 2)
  }
  const timeout = values.get('-timeout') ?? '30000'
  const timeoutMs = Number(timeout)
  if (!(Number.isInteger(timeoutMs) && timeoutMs > 0 && timeoutMs < 2 ** 31)) {
    throw new CliError(`Error: -timeout ${timeout} is no number of milliseconds`, 2)
  }
  return {
    server: values.get('-server') ?? 'localhost:2181',
    timeoutMs,
    canBeReadOnly: flags.has('-r'),
    waitForConnection: flags.has('-waitforconnection'),
    json: flags.has('--json'),
    quiet: flags.has('--quiet') || flags.has('--json'),
    client: clientSettings(
      {
        clientConfiguration: values.get('-client-configuration'),
        tls: flags.has('--tls'),
        tlsCa: values.get('--tls-ca'),
        tlsCert: values.get('--tls-cert'),
        tlsKey: values.get('--tls-key'),
        tlsPfx: values.get('--tls-pfx'),
        tlsPassphraseFile: values.get('--tls-passphrase-file'),
        tlsServerName: values.get('--tls-server-name'),
        tlsAnyName: flags.has('--tls-any-name'),
        saslUser: values.get('--sasl-user'),
        saslPasswordFile: values.get('--sasl-password-file'),
      },
      process.env,
    ),
    words: words.slice(at),
  }
}
