import type { Log } from '@vivarium/env'
import { createNodeLog } from '@vivarium/env/node'
import { type LoadedConfig, type ServerConfig, startServer } from '@vivarium/server'
import { type Addresses, banner, type WebAddress } from '../banner.ts'
import { SERVING } from '../daemon/daemon.ts'
import { ExitCode } from '../exit-code.ts'
import { mountGateway } from '../gateway/mount-gateway.ts'
import { packageVersion } from '../package-version.ts'
import { type ConfigArguments, formatConfigMessage, readConfig } from '../read-config.ts'
import { type Failure, startFailure } from '../start-failure.ts'
import { onStopSignal } from '../stop-signals.ts'
import { limitYoungGeneration } from '../young-generation.ts'

export interface ServerOptions extends ConfigArguments {
  /** Only say what the server would run with. */
  readonly check: boolean
}

/** Runs a server in the foreground until it is told to stop. Returns the exit code. */
export async function runServer(options: ServerOptions): Promise<number> {
  const loaded = readConfig(options)
  const { config } = loaded
  if (config === null || options.check) {
    for (const message of loaded.messages) say(`${message.level}: ${formatConfigMessage(message)}`)
    if (config !== null) process.stdout.write(describeConfig(loaded))
    return config === null ? ExitCode.INVALID : ExitCode.OK
  }
  const log = createNodeLog({ format: config.logFormat, level: config.logLevel })
  for (const message of loaded.messages) log[message.level](formatConfigMessage(message))
  return await serve(config, log)
}

/** Clearing so much takes about a millisecond. */
const YOUNG_GENERATION_BYTES = 8 * 2 ** 20

/** What servers tell each other is copied into pools, of which Node.js would begin one for every forty writes. */
const POOL_BYTES = 65_536

async function serve(config: ServerConfig, log: Log): Promise<number> {
  let stop: () => void = () => {}
  const asked = new Promise<null>((resolve) => {
    stop = () => resolve(null)
  })
  onStopSignal((signal) => {
    log.info(`Stopping (${signal}). A second signal ends the process at once.`)
    stop()
  })
  limitYoungGeneration(YOUNG_GENERATION_BYTES)
  Buffer.poolSize = POOL_BYTES
  try {
    const server = await startServer({ config, env: { log }, adminByDefault: true })
    const mounted = mountGateway(server, log)
    announce(config, server, mounted, log)
    // Who started this in the background has waited for it, and may be gone since.
    process.send?.(SERVING, () => process.disconnect?.())
    const failed = await Promise.race([asked, server.failed])
    if (failed !== null) return fail(startFailure(failed, config), log)
    await mounted?.close()
    await server.close()
    log.info('Stopped.')
    return ExitCode.OK
  } catch (error) {
    return fail(startFailure(error, config), log)
  }
}

function announce(config: ServerConfig, addresses: Addresses, web: WebAddress | null, log: Log): void {
  // Since the process began: what the user waited for.
  const startupMs = performance.now()
  const version = packageVersion()
  if (config.logFormat === 'text') process.stdout.write(`\n${banner(config, addresses, version, startupMs, web)}\n`)
  else {
    const { dataDir, configFile } = config
    log.info('Serving.', { version, ...addresses.address, dataDir, configFile, web: web?.url })
  }
}

function fail({ message, exitCode, cause }: Failure, log: Log): number {
  log.fatal(message, cause === undefined ? undefined : { error: cause })
  return exitCode
}

/** The keys that the server obeys: value, and where it was set. */
function describeConfig({ entries }: LoadedConfig): string {
  const names = Math.max(...entries.map(({ name }) => name.length))
  const texts = Math.min(30, Math.max(...entries.map(({ text }) => text.length)))
  const lines = entries.map(({ name, text, place }) => {
    const line = `${name.padEnd(names)} = ${text}`
    return place === null ? line : `${line.padEnd(names + 3 + texts)}  # ${place}`
  })
  return `${lines.join('\n')}\n`
}

const say = (line: string): boolean => process.stderr.write(`${line}\n`)
