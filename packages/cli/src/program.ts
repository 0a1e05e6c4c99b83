import { Command } from 'commander'
import { addBackupCommands } from './backup/add-commands.ts'
import { addConfigCommands, CONFIG_WORDS } from './commands/add-config-commands.ts'
import { ExitCode } from './exit-code.ts'
import { addGatewayCommand } from './gateway/add-gateway-command.ts'
import { packageVersion } from './package-version.ts'
import { addToolCommands } from './toolkit/add-commands.ts'

/** The `vivarium` command. A command's code is loaded when it runs, so that none waits for another's. */
export function createProgram(setExitCode: (code: number) => void): Command {
  const program = new Command('vivarium')
    .description('A coordination service that speaks the protocol of Apache ZooKeeper 3.9.')
    .version(packageVersion(), '-v, --version', 'print the version')
    .helpCommand(false)
    .showHelpAfterError('(vivarium --help tells what there is)')
    .exitOverride()
  program
    .command('server')
    .description('run a server in the foreground; or, as zkServer.sh: start, stop, restart, status, …')
    .argument('[config...]', 'zoo.cfg, or: port datadir [ticktime] [maxcnxns]; without, a server to try things out')
    .option('--config <dir>', 'where zoo.cfg is (else ZOOCFGDIR)')
    .option('-D, --define <key=value>', 'set a configuration key, over whatever else says so (repeatable)', collect, [])
    .option('--check', 'only check the configuration, and print what the server would run with', false)
    .addHelpText('after', EXAMPLES)
    .action(async (config: string[], options: { define: string[]; check: boolean; config?: string }) => {
      const { isVerb, runVerb } = await import('./commands/daemon.ts')
      const [verb] = config
      if (isVerb(verb)) {
        const { config: configDirectory, define: definitions } = options
        setExitCode(await runVerb({ verb, config: config.slice(1), configDirectory, definitions }))
        return
      }
      const { runServer } = await import('./commands/server.ts')
      setExitCode(await runServer({ positional: config, definitions: options.define, check: options.check }))
    })
  addGatewayCommand(program, setExitCode)
  addToolCommands(program, setExitCode)
  addConfigCommands(program, setExitCode)
  addBackupCommands(program, setExitCode)
  program.addHelpText('after', SHELL)
  return program
}

const collect = (value: string, values: readonly string[]): string[] => [...values, value]

const SHELL = `
Any other command is for a running server, as zkCli.sh takes it:
  vivarium -server host:2181 ls -R /     one command; vivarium help lists them all
  vivarium -server host:2181             a shell that reads commands; so does: vivarium shell`

const EXAMPLES = `
Examples:
  vivarium server                        port 2181 of this machine, data in your home directory
  vivarium server /etc/zookeeper/zoo.cfg as zkServer.sh start-foreground would
  vivarium server start zoo.cfg          in the background; also: stop, restart, status, print-cmd, version
  vivarium server 2181 /var/lib/zookeeper
  vivarium server -D clientPort=2182 -D log.format=json`

/** The words of the command line that are commander's: all others belong to the shell. */
const OWN_WORDS = new Set([
  '-h',
  '--help',
  '-v',
  '--version',
  'server',
  'gateway',
  'backup',
  'restore',
  'log',
  'snapshot',
  'snapshot-diff',
  'doctor',
  'purge',
])

/** Runs the command line. Returns the exit code. */
export async function run(argv: readonly string[]): Promise<number> {
  const words = argv.slice(2)
  const [first, second] = words
  const own = first === undefined || OWN_WORDS.has(first) || (first === 'config' && CONFIG_WORDS.has(second ?? ''))
  if (!own) {
    const { isForShell, runShell } = await import('./shell/run-shell.ts')
    if (isForShell(words)) return await runShell(words)
  }
  let exitCode: number = ExitCode.OK
  const program = createProgram((code) => {
    exitCode = code
  })
  try {
    await program.parseAsync(argv)
  } catch (error) {
    const commander = error as { code?: string; exitCode?: number }
    if (commander.code?.startsWith('commander.') !== true) throw error
    // Help and version end this way, too; what is wrong has been said already.
    return commander.exitCode === 0 ? ExitCode.OK : ExitCode.INVALID
  }
  return exitCode
}
