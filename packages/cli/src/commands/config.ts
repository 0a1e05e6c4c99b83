import { access, constants, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type ConfigEntry, type LoadedConfig, type ServerConfig, startProblems } from '@vivarium/server'
import { ExitCode } from '../exit-code.ts'
import { portOwner } from '../port-owner.ts'
import { type ConfigArguments, formatConfigMessage, readConfig } from '../read-config.ts'

export interface ConfigOptions extends ConfigArguments {
  /** Of `explain`: only these keys, or those that were set. */
  readonly keys: readonly string[]
  readonly all: boolean
  readonly json: boolean
}

const DONE: Readonly<Record<ConfigEntry['support'], string>> = {
  active: '',
  ensemble: 'means nothing to this server',
  inert: 'tunes the Java server; accepted, without effect',
  missing: 'not supported in this version; without effect',
  refused: 'not supported in this version; the server does not start with it',
}

/** Tells of each key its value, where that comes from, its default and what it is for. Returns the exit code. */
export function explainConfig(options: ConfigOptions): number {
  const loaded = readConfig(options)
  const wanted = wantedEntries(loaded, options)
  if (options.json) {
    const { messages } = loaded
    process.stdout.write(`${JSON.stringify({ entries: wanted, messages }, null, 2)}\n`)
  } else {
    for (const entry of wanted) process.stdout.write(`${explain(entry)}\n`)
    sayMessages(loaded)
  }
  return loaded.config === null ? ExitCode.INVALID : ExitCode.OK
}

function wantedEntries({ entries, others }: LoadedConfig, { keys, all }: ConfigOptions): ConfigEntry[] {
  const every = [...entries, ...others]
  if (keys.length > 0) return every.filter(({ name }) => keys.includes(name))
  return all ? every : every.filter(({ place }) => place !== null)
}

function explain({ name, text, place, doc, default: initial, support, instead }: ConfigEntry): string {
  const from = place === null ? 'the default' : `from ${place}${text === initial ? ', as by default' : ''}`
  const other = text === initial ? '' : `; default ${initial === '' ? 'none' : initial}`
  const done = instead === null ? DONE[support] : `without effect: ${instead}`
  const notes = [doc, done].filter((note) => note !== '').map((note) => `    ${note}\n`)
  return `${name}=${text}\n    ${from}${other}\n${notes.join('')}`
}

/** Looks for what would keep a server from starting: its configuration, and what it needs of this machine. */
export async function checkConfig(options: ConfigOptions): Promise<number> {
  const loaded = readConfig(options)
  sayMessages(loaded)
  const { config } = loaded
  if (config === null) return ExitCode.INVALID
  const problems = await machineProblems(config)
  for (const problem of problems) process.stderr.write(`error: ${problem}\n`)
  if (problems.length > 0) return ExitCode.UNEXPECTED
  process.stdout.write(`${config.configFile ?? 'The configuration'} is good: ${describe(config)}.\n`)
  return ExitCode.OK
}

async function machineProblems(config: ServerConfig): Promise<string[]> {
  const problems: string[] = []
  for (const directory of new Set([config.dataDir, config.dataLogDir])) {
    const problem = await directoryProblem(directory, config.dataDirAutocreate)
    if (problem !== null) problems.push(problem)
  }
  const sid = config.ensemble === null ? null : await readMyId(config)
  if (typeof sid === 'string') problems.push(sid)
  for (const port of portsOf(config, typeof sid === 'number' ? sid : null)) {
    const owner = port === 0 ? undefined : portOwner(port)
    if (owner !== undefined) problems.push(`port ${port} is in use by ${owner}`)
  }
  return [...problems, ...(await startProblems(config))]
}

/** The ports that a server listens on, but for that where only a leader does. */
function portsOf(config: ServerConfig, sid: number | null): Set<number> {
  const { clientPort, secureClientPort, adminServerAsked, adminServerPort, metricsProvider, metricsHttpPort } = config
  const election = sid === null ? [] : (config.ensemble?.members.get(sid)?.addresses ?? [])
  const ports = [
    clientPort,
    secureClientPort,
    adminServerAsked ? adminServerPort : null,
    metricsProvider.endsWith('.PrometheusMetricsProvider') ? metricsHttpPort : null,
    ...election.map(({ electionPort }) => electionPort),
  ]
  return new Set(ports.filter((port) => port !== null))
}

async function directoryProblem(directory: string, autocreate: boolean): Promise<string | null> {
  const found = await stat(directory).catch((error: NodeJS.ErrnoException) => error)
  if (found instanceof Error) {
    if (found.code !== 'ENOENT') return `${directory} cannot be used: ${found.message}`
    return autocreate ? null : `${directory} is missing, and datadir.autocreate=false`
  }
  if (!found.isDirectory()) return `${directory} is no directory`
  const allowed = await access(directory, constants.R_OK | constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  )
  return allowed ? null : `${directory} may not be written by this user`
}

/** A text: what is wrong with it. */
async function readMyId({ dataDir, ensemble }: ServerConfig): Promise<number | string> {
  const path = join(dataDir, 'myid')
  const text = await readFile(path, 'utf8').catch(() => null)
  if (text === null) return `${path} is missing: it must have this server's number of server.N`
  const sid = Number(text.split('\n', 1)[0]?.trim())
  return ensemble?.members.has(sid) ? sid : `${path} says ${text.trim()}, and there is no such server.N line`
}

function describe({ ensemble, clientPort, secureClientPort, dataDir }: ServerConfig): string {
  const role = ensemble === null ? 'a standalone server' : `a member of ${ensemble.members.size} servers`
  const ports = [
    ...(clientPort === null ? [] : [`port ${clientPort}`]),
    ...(secureClientPort === null ? [] : [`port ${secureClientPort} over TLS`]),
  ]
  return `${role}, clients on ${ports.join(' and ') || 'no port yet'}, data in ${dataDir}`
}

function sayMessages({ messages }: LoadedConfig): void {
  for (const message of messages) process.stderr.write(`${message.level}: ${formatConfigMessage(message)}\n`)
}
