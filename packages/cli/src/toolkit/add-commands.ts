import { type Command, InvalidArgumentError } from 'commander'
import { runner, wholeNumber, zxid } from './command-support.ts'
import type { Output } from './output.ts'

/** Adds the commands for data directories. */
export function addToolCommands(program: Command, setExitCode: (code: number) => void): void {
  const run = runner(setExitCode)
  program
    .command('log')
    .description('show a transaction log, or all of a data directory; or copy one, mended or cut off')
    .argument('<path>', 'a log file or a data directory, of Vivarium or of Apache ZooKeeper')
    .option('-d, --dump', 'show it (this is what is done unless -r or -c is there)')
    .option('--from <zxid>', 'leave out what is before (0x1f, or decimal)', zxid)
    .option('--to <zxid>', 'leave out what is after', zxid)
    .option('--session <id>', 'only what this session did', sessionId)
    .option('--path <path>', 'only what is about this znode or one below it')
    .option('--type <names>', 'only these types: create,setData,…', (names) => names.split(','))
    .option('--json', 'print a line of JSON for each transaction')
    .option('-r, --recover', 'write <file>.fixed, with checksums put right; asks for each')
    .option('-v, --verbose', 'with -r: print all transactions')
    .option('-y, --yes', 'with -r: ask nothing')
    .option('-c, --chop', 'write <file>.chopped<zxid>, which ends with the transaction of -z')
    .option('-z, --zxid <zxid>', 'with -c: the last transaction to be kept', zxid)
    .action((path: string, options: LogOptions) => run((output) => log(path, options, output)))
  program
    .command('snapshot')
    .description('show a snapshot')
    .argument('<file>', 'snapshot.<zxid>, also compressed')
    .option('-d, --data', 'print data (in base64), not only their length')
    .option('--json', 'print a line of JSON for each znode')
    .option('--ncdu', 'print sizes for ncdu -f')
    .option('--summary [path]', 'print how many znodes and bytes are below each znode with children')
    .option('--depth <n>', 'with --summary: how far below the path; 0: all', wholeNumber, 1)
    .action((file: string, options: SnapshotOptions) => run((output) => snapshot(file, options, output)))
  program
    .command('snapshot-diff')
    .description('compare two snapshots znode by znode; the exit code is 1 if they differ')
    .argument('<left>')
    .argument('<right>')
    .option('--json', 'print a line of JSON for each difference')
    .action((left: string, right: string, { json = false }: { json?: boolean }) =>
      run(async (output) => {
        const [{ compareSnapshots }, disk] = await Promise.all([import('./snapshot-diff.ts'), theDisk()])
        return await compareSnapshots(disk, left, right, json, output)
      }),
    )
  program
    .command('doctor')
    .description('say what is wrong with a data directory, and repair it')
    .argument('<dataDir>', 'of Vivarium or of Apache ZooKeeper')
    .option('--log-dir <dataLogDir>', 'where the logs are, if not in dataDir')
    .option('--repair <name>', 'do one of the repairs that it offers; what was there before is kept')
    .option('--json', 'print what was found as JSON')
    .action((dataDir: string, options: { logDir?: string; repair?: string; json?: boolean }) =>
      run(async (output) => {
        const [{ runDoctor }, disk] = await Promise.all([import('./doctor.ts'), theDisk()])
        const { logDir: dataLogDir, repair, json = false } = options
        return await runDoctor(disk, { dataDir, dataLogDir, repair, json, now: new Date() }, output)
      }),
    )
  program
    .command('purge')
    .description('remove old snapshots, and the logs that only they need; a server may run')
    .argument('<dataDir>', 'of Vivarium or of Apache ZooKeeper')
    .option('--log-dir <dataLogDir>', 'where the logs are, if not in dataDir')
    .requiredOption('-n, --retain <count>', 'how many snapshots stay, 3 or more', retained)
    .action((dataDir: string, { logDir: dataLogDir, retain }: { logDir?: string; retain: number }) =>
      run(async (output) => {
        const [{ purge }, disk] = await Promise.all([import('./purge.ts'), theDisk()])
        return await purge(disk, { dataDir, dataLogDir, retain }, output)
      }),
    )
}

function retained(text: string): number {
  const count = wholeNumber(text)
  if (count < 3) throw new InvalidArgumentError('at least 3 snapshots stay')
  return count
}

const theDisk = async () => (await import('@vivarium/env/node')).nodeDisk

interface LogOptions {
  readonly from?: number
  readonly to?: number
  readonly session?: bigint
  readonly path?: string
  readonly type?: readonly string[]
  readonly json?: boolean
  readonly recover?: boolean
  readonly verbose?: boolean
  readonly yes?: boolean
  readonly chop?: boolean
  readonly zxid?: number
}

async function log(path: string, options: LogOptions, output: Output): Promise<number> {
  const [tools, { CliError }, disk] = await Promise.all([import('./log.ts'), import('../shell/failure.ts'), theDisk()])
  if (options.chop) {
    if (options.zxid === undefined) throw new CliError('-c needs -z: the last transaction to be kept', 2)
    const { target, records } = await tools.chopLog(disk, path, options.zxid)
    await output.print(`${target} has been written with ${records} transactions\n`)
    return 0
  }
  if (options.recover) {
    const person = options.yes ? null : tools.askAtTerminal()
    try {
      await tools.recoverLog(disk, path, options.verbose ?? false, person?.ask ?? null, output)
    } finally {
      person?.close()
    }
    return 0
  }
  const unknown = options.type?.find((name) => !tools.TXN_TYPES.has(name))
  if (unknown !== undefined) throw new CliError(`there is no type ${unknown}: ${[...tools.TXN_TYPES].join(', ')}`, 2)
  const { from = 0, to = Number.POSITIVE_INFINITY, session = null, path: at = null, type = [], json = false } = options
  return await tools.showLogs(disk, path, { from, to, session, path: at, types: new Set(type) }, json, output)
}

interface SnapshotOptions {
  readonly data?: boolean
  readonly json?: boolean
  readonly ncdu?: boolean
  readonly summary?: string | true
  readonly depth: number
}

async function snapshot(file: string, options: SnapshotOptions, output: Output): Promise<number> {
  const [tools, disk] = await Promise.all([import('./snapshot.ts'), theDisk()])
  const { data = false, json = false, ncdu = false, summary, depth } = options
  if (ncdu) return await (await import('./ncdu.ts')).showForNcdu(disk, file, new Date(), output)
  if (summary !== undefined) {
    return await tools.summarizeSnapshot(disk, file, summary === true ? '/' : summary, depth, json, output)
  }
  return json ? await tools.showSnapshotJson(disk, file, output) : await tools.showSnapshot(disk, file, data, output)
}

function sessionId(text: string): bigint {
  if (!/^(0x[0-9a-f]{1,16}|\d{1,20})$/i.test(text)) throw new InvalidArgumentError('a session id is 0x1f, or decimal')
  return BigInt(text)
}
