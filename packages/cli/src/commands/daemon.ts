import { fileURLToPath } from 'node:url'
import { FULL_VERSION, type ServerConfig } from '@vivarium/server'
import { commandLine, type Daemon, startDaemon, stopDaemon } from '../daemon/daemon.ts'
import { configPath, type DaemonEnvironment, outputFile, pidFile } from '../daemon/paths.ts'
import { tellStatus } from '../daemon/status.ts'
import { ExitCode } from '../exit-code.ts'
import { PACKAGE_ROOT } from '../package-version.ts'
import { formatConfigMessage, readConfig } from '../read-config.ts'
import { runServer } from './server.ts'

/** What zkServer.sh takes as its first word. */
export const VERBS = [
  'start',
  'start-foreground',
  'stop',
  'restart',
  'status',
  'print-cmd',
  'version',
  'upgrade',
] as const

export type Verb = (typeof VERBS)[number]

export const isVerb = (word: string | undefined): word is Verb =>
  (VERBS as readonly (string | undefined)[]).includes(word)

export interface DaemonOptions {
  readonly verb: Verb
  /** What follows the verb: a zoo.cfg, or nothing. */
  readonly config: readonly string[]
  readonly configDirectory: string | undefined
  readonly definitions: readonly string[]
}

const BIN = fileURLToPath(new URL('bin/vivarium.js', PACKAGE_ROOT))

/** Carries out what zkServer.sh would, for the same configuration and environment. Returns the exit code. */
export async function runVerb(options: DaemonOptions, environment: DaemonEnvironment = process.env): Promise<number> {
  const { verb } = options
  if (verb === 'version') {
    print(`Vivarium, version ${FULL_VERSION}\n`)
    return ExitCode.OK
  }
  if (verb === 'upgrade') {
    print('There is nothing to upgrade: data directories of ZooKeeper 3.4 and later are opened as they are.\n')
    return ExitCode.OK
  }
  const path = configPath(options.config[0], options.configDirectory, environment)
  const positional = options.config.length > 1 ? options.config : path === undefined ? [] : [path]
  const definitions = environment.ZOO_DATADIR_AUTOCREATE_DISABLE
    ? ['datadir.autocreate=false', ...options.definitions]
    : options.definitions
  if (verb === 'start-foreground') return runServer({ positional, definitions, check: false })
  const { config, messages } = readConfig({ positional, definitions })
  process.stderr.write(`Using config: ${path ?? 'none'}\n`)
  for (const message of messages) process.stderr.write(`${message.level}: ${formatConfigMessage(message)}\n`)
  if (config === null) return ExitCode.INVALID
  return carryOut(verb, daemonOf(config, positional, definitions, environment))
}

function daemonOf(
  config: ServerConfig,
  positional: readonly string[],
  definitions: readonly string[],
  environment: DaemonEnvironment,
): Daemon {
  const defined = definitions.flatMap((definition) => ['-D', definition])
  return {
    config,
    command: [process.execPath, BIN, 'server', ...positional, ...defined],
    pidFile: pidFile(config.dataDir, environment),
    outputFile: outputFile(config.dataDir, environment),
  }
}

async function carryOut(
  verb: Exclude<Verb, 'version' | 'upgrade' | 'start-foreground'>,
  daemon: Daemon,
): Promise<number> {
  switch (verb) {
    case 'start':
      return startDaemon(daemon, print)
    case 'stop':
      return stopDaemon(daemon, print)
    case 'restart': {
      const stopped = await stopDaemon(daemon, print)
      return stopped === ExitCode.OK ? startDaemon(daemon, print) : stopped
    }
    case 'status':
      return tellStatus(daemon.config, process.env, print)
    case 'print-cmd':
      print(`${commandLine(daemon)}\n`)
      return ExitCode.OK
  }
}

const print = (text: string): void => void process.stdout.write(text)
