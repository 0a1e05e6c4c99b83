import { join } from 'node:path'
import type { QuorumConfig } from '@vivarium/core'
import type { Listener } from '@vivarium/env'
import { createNodeLog, NodeNetwork, nodeClock, nodeDisk, nodeRandom } from '@vivarium/env/node'
import { PathStatistics } from './clients/path-statistics.ts'
import type { ServerConfig } from './config/server-config.ts'
import { type HttpServices, startHttp } from './http/start-http.ts'
import { EnsembleServer } from './quorum/ensemble-server.ts'
import { closeTransports, notStarted, openTransports } from './serving/open-transports.ts'
import { PauseMonitor } from './serving/pause-monitor.ts'
import type { Server } from './serving/server.ts'
import type { ServerEnv } from './serving/server-env.ts'
import { StandaloneServer } from './standalone/standalone-server.ts'
import { StartError } from './start-error.ts'
import {
  CorruptLogError,
  DataDirectory,
  DataDirectoryError,
  InlineSnapshotRunner,
  RecoveryError,
  WorkerSnapshotRunner,
} from './storage/index.ts'

export interface StartOptions {
  readonly config: ServerConfig
  /** What the server takes from the world; what is left out is this machine's. */
  readonly env?: Partial<ServerEnv>
  /** Whether there is an admin server even if the configuration neither asks for one nor against it; no by default. */
  readonly adminByDefault?: boolean
}

interface Address {
  readonly host: string
  readonly port: number
}

/** A server that serves. */
export interface RunningServer {
  /** Where clients connect; null if no client port is configured. */
  readonly address: Address | null
  /** Where clients connect that encrypt their connections; null without `secureClientPort`. */
  readonly secureAddress: Address | null
  /** What listens for HTTP: administrators, Prometheus. */
  readonly http: Pick<HttpServices, 'admin' | 'metrics'>
  /** Resolves if the server has to stop by itself, as when its log cannot be written. `close` is called then already. */
  readonly failed: Promise<StartError>
  /** The server itself, for those who look inside: tests, tools. */
  readonly server: Server
  /** Answers what is under way, closes all connections and releases the data directory. Sessions outlive it. */
  close(): Promise<void>
}

/**
 * Starts a server and resolves once it serves.
 *
 * @throws {StartError} with a message for people, a `code` and an `exitCode`
 * @example
 * const config = createServerConfig({ dataDir: '/var/lib/zookeeper', clientPort: 2181 })
 * const server = await startServer({ config })
 * await server.close()
 */
export async function startServer({
  config,
  env: given = {},
  adminByDefault = false,
}: StartOptions): Promise<RunningServer> {
  const { clock = nodeClock, disk = nodeDisk } = given
  const plain: ServerEnv = {
    clock,
    network: given.network ?? new NodeNetwork(),
    disk,
    random: given.random ?? nodeRandom,
    log: given.log ?? createNodeLog({ level: config.logLevel, format: config.logFormat }),
    snapshots: given.snapshots ?? new WorkerSnapshotRunner(new InlineSnapshotRunner(disk, clock)),
  }
  const directory = await openDirectory(config, plain)
  const memberHosts = (): string[] => hostsOf(server.member?.quorum ?? config.ensemble)
  const env = await openTransports(config, plain, memberHosts).catch(async (error) => {
    await directory.close()
    throw error
  })
  const server = await createServer(config, directory, env).catch(async (error) => {
    await notStarted(env)
    throw error
  })
  let http: HttpServices | null = null
  const listeners: Listener[] = []
  const closeListeners = async (): Promise<void> => {
    for (const listener of listeners) await listener.close()
  }
  let address: Address | null = null
  let secureAddress: Address | null = null
  try {
    server.clients.register.most = await mostConnections(server)
    http = await startHttp(server, env, adminByDefault)
    // First the port: with many znodes a server that cannot listen should say so before it has loaded them.
    if (config.clientPort !== null) address = addressOf(listeners, await listen(server, config.clientPort, false))
    if (config.secureClientPort !== null) {
      secureAddress = addressOf(listeners, await listen(server, config.secureClientPort, true))
    }
    env.log.info(`Ready: ${await server.serve()}.`)
    env.audit?.writeOwn('serverStart', 'success')
  } catch (error) {
    await http?.close()
    await closeListeners()
    await server.close()
    await notStarted(env)
    throw asStartError(error)
  }
  const paths = config.pathStatsEnabled ? new PathStatistics(config, clock, env.log, env.random) : null
  server.clients.pathStatistics = paths
  const pauses = config.pauseMonitorEnabled ? new PauseMonitor(config, clock, env.log, server.metrics) : null
  const close = async (): Promise<void> => {
    env.audit?.writeOwn('serverStop', 'invoked')
    pauses?.stop()
    paths?.stop()
    await closeListeners()
    await server.close()
    await http.close()
    await closeTransports(env)
  }
  const failed = server.failed.then(async (error) => {
    await close()
    return error
  })
  return { address, secureAddress, http, failed, server, close }
}

/** So many files are kept for the log, snapshots, other members and administrators. */
const RESERVED_FILES = 300

/**
 * Where the process has no file left it can neither begin a log nor tell anybody about it: clients are turned away before. A
 * system that does not tell how many files there may be has to see to that itself.
 */
async function mostConnections({ view }: Server): Promise<number> {
  await view.figures.refreshFileDescriptors()
  const files = view.figures.maxFileDescriptors
  return files < 0 ? Number.POSITIVE_INFINITY : Math.ceil(Math.max(files - RESERVED_FILES, files / 2))
}

/** A member if the configuration names several servers, of which `myid` says which one this is. */
async function createServer(config: ServerConfig, directory: DataDirectory, env: ServerEnv): Promise<Server> {
  const { ensemble } = config
  try {
    if (ensemble === null) return new StandaloneServer(config, directory, env)
    const sid = await directory.readMyId()
    const path = join(directory.dataDir, 'myid')
    if (sid === null)
      throw new StartError('CONFIG', `${path} is missing: it must have this server's number of server.N`)
    const self = ensemble.members.get(sid)
    if (self === undefined) throw new StartError('CONFIG', `${path} says ${sid}, and there is no server.${sid} line`)
    return new EnsembleServer(config, ensemble, self, directory, env)
  } catch (error) {
    await directory.close()
    throw asStartError(error)
  }
}

async function openDirectory(config: ServerConfig, { disk, log }: ServerEnv): Promise<DataDirectory> {
  try {
    return await DataDirectory.open({
      disk,
      log,
      dataDir: config.dataDir,
      dataLogDir: config.dataLogDir,
      autocreate: config.dataDirAutocreate,
    })
  } catch (error) {
    throw asStartError(error)
  }
}

function addressOf(listeners: Listener[], listener: Listener): Address {
  listeners.push(listener)
  return { host: listener.address, port: listener.port }
}

function hostsOf(quorum: QuorumConfig | null): string[] {
  const members = [...(quorum?.members.values() ?? [])]
  return members.flatMap(({ addresses }) => addresses.map(({ host }) => host))
}

async function listen(server: Server, port: number, secure: boolean): Promise<Listener> {
  try {
    return await (secure ? server.listenSecurely(port) : server.listen(port))
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const { clientPortAddress, secureClientPortAddress } = server.config
    const address = (secure ? secureClientPortAddress : clientPortAddress) ?? 'any address'
    throw new StartError('LISTEN', `Cannot listen on port ${port} of ${address}: ${message}`, {
      cause: Object.assign(error as Error, { code }),
    })
  }
}

function asStartError(error: unknown): unknown {
  if (error instanceof DataDirectoryError || error instanceof RecoveryError || error instanceof CorruptLogError) {
    return new StartError('DATA', error.message, { cause: error })
  }
  return error
}
