import { createNodeLog } from '@vivarium/env/node'
import { type GatewayOptions, startGateway } from '@vivarium/gateway'
import { endpoint, isLoopback } from '../banner.ts'
import { ExitCode } from '../exit-code.ts'
import { onStopSignal } from '../stop-signals.ts'

export interface GatewayArguments {
  readonly servers: string
  /** `host:port`, `[host]:port` or a port. */
  readonly listen: string
  readonly readOnly: boolean
  readonly allowHost: readonly string[]
  readonly tls: NonNullable<GatewayOptions['client']>['tls']
  readonly log: 'text' | 'json'
}

/** Runs a gateway in the foreground until it is told to stop. Returns the exit code. */
export async function runGateway({ log: format, ...options }: GatewayArguments): Promise<number> {
  const log = createNodeLog({ format, level: 'info' })
  const place = listenAddress(options.listen)
  if (place === null) {
    log.fatal(`--listen ${options.listen} is no host:port`)
    return ExitCode.INVALID
  }
  const asked = new Promise<void>((resolve) => {
    onStopSignal((signal) => {
      log.info(`Stopping (${signal}). A second signal ends the process at once.`)
      resolve()
    })
  })
  try {
    const { servers, readOnly, allowHost: allowedHosts, tls } = options
    const gateway = await startGateway({ servers, readOnly, allowedHosts, client: { tls }, log, ...place })
    log.info(`Gateway to ${servers}: http://${endpoint(gateway)}/`)
    if (!isLoopback(gateway.host)) {
      log.warn(
        'Others reach this gateway, and passwords come to it as they are: let them come through a proxy with TLS.',
      )
    }
    await asked
    await gateway.close()
    return ExitCode.OK
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException
    log.fatal(message)
    return code === 'BAD_ARGUMENT' ? ExitCode.INVALID : ExitCode.UNEXPECTED
  }
}

/** Null if it is none. */
export function listenAddress(text: string): { readonly host: string; readonly port: number } | null {
  const parts = /^(?:(?:\[([^\]]+)\]|([^:[\]]+)):)?(\d{1,5})$/.exec(text)
  const port = Number(parts?.[3] ?? Number.NaN)
  return port <= 65_535 ? { host: parts?.[1] ?? parts?.[2] ?? '127.0.0.1', port } : null
}
