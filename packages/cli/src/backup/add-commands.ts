import { type Command, InvalidArgumentError } from 'commander'
import { runner, wholeNumber, zxid } from '../toolkit/command-support.ts'

const TARGET = 'a directory, or s3://bucket/prefix'

/** Adds the commands that make, look after, and restore backups. */
export function addBackupCommands(program: Command, setExitCode: (code: number) => void): void {
  const run = runner(setExitCode)
  const backup = program.command('backup').description('keep a copy of what a server has, up to the last transaction')
  backup
    .command('run')
    .description("follow a server's files, until stopped")
    .argument('<target>', TARGET)
    .option('--config <zoo.cfg>', 'whose directories to follow')
    .option('--data-dir <dataDir>', 'the directory to follow, without a zoo.cfg')
    .option('--log-dir <dataLogDir>', 'where the logs are, if not in dataDir')
    .option('--interval <seconds>', 'how often to look for new transactions', wholeNumber, 10)
    .option('--snapshot-every <hours>', "how often to add a snapshot of the server's", wholeNumber, 24)
    .option('--once', 'only bring it up to now', false)
    .action((target: string, { interval, snapshotEvery, ...options }: RunFlags) =>
      run(async (output) => {
        const { runBackup } = await import('./backup.ts')
        const { config, dataDir, logDir, once } = options
        const more = { intervalS: interval, snapshotEveryHours: snapshotEvery }
        return await runBackup(target, { config, dataDir, logDir, once, ...more }, output)
      }),
    )
  backup
    .command('list')
    .description('tell what there is')
    .argument('<target>', TARGET)
    .option('--json', 'for programs', false)
    .action((target: string, { json }: { json: boolean }) =>
      run(async (output) => (await import('./backup.ts')).listBackup(target, json, output)),
    )
  backup
    .command('verify')
    .description('restore all of it into a temporary directory, and compare digests; TMPDIR says where')
    .argument('<target>', TARGET)
    .action((target: string) => run(async (output) => (await import('./backup.ts')).verify(target, output)))
  backup
    .command('prune')
    .description('remove what is only of use for older states than the newest snapshots')
    .argument('<target>', TARGET)
    .requiredOption('--keep <n>', 'how many snapshots to keep', wholeNumber)
    .action((target: string, { keep }: { keep: number }) =>
      run(async (output) => (await import('./backup.ts')).prune(target, keep, output)),
    )
  program
    .command('restore')
    .description('make data directories of a backup')
    .argument('<target>', TARGET)
    .option('--to <dataDir>', 'an empty directory, or none yet (repeatable: once for each server)', collect, [])
    .option('--to-zxid <zxid>', 'the last transaction that is wanted (0x1f, or decimal)', zxid)
    .option('--to-time <time>', 'leave out what was made later: 2026-11-21T12:00:00Z', time)
    .action((target: string, { to, toZxid, toTime }: RestoreFlags) =>
      run(async (output) =>
        (await import('./backup.ts')).restore(target, { to, zxid: toZxid, timeMs: toTime }, output),
      ),
    )
}

interface RunFlags {
  readonly config: string | undefined
  readonly dataDir: string | undefined
  readonly logDir: string | undefined
  readonly interval: number
  readonly snapshotEvery: number
  readonly once: boolean
}

interface RestoreFlags {
  readonly to: string[]
  readonly toZxid: number | undefined
  readonly toTime: number | undefined
}

const collect = (value: string, values: readonly string[]): string[] => [...values, value]

function time(text: string): number {
  const ms = Date.parse(text)
  if (Number.isNaN(ms)) throw new InvalidArgumentError('a time is 2026-11-21T12:00:00Z')
  return ms
}
