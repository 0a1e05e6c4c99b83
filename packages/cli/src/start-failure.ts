import type { ServerConfig } from '@vivarium/server'
import { ExitCode } from './exit-code.ts'
import { portOwner } from './port-owner.ts'

/** What went wrong, for a person, and how the process ends. */
export interface Failure {
  readonly message: string
  readonly exitCode: number
  /** Kept where the message alone may not do: an error that nobody foresaw. */
  readonly cause: unknown
}

/** Explains why a server did not start. */
export function startFailure(error: unknown, config: ServerConfig): Failure {
  const system = systemError(error)
  const port = portOf(error) ?? config.clientPort ?? 0
  if (system === 'EADDRINUSE')
    return { message: portInUse(port, config), exitCode: exitCodeOf(error), cause: undefined }
  if (system === 'EACCES' && codeOf(error) !== 'DATA' && port < 1024) {
    const message = `port ${port} may only be listened on by a privileged process; ${otherPort(port, config)}`
    return { message, exitCode: exitCodeOf(error), cause: undefined }
  }
  const known = error instanceof Error && 'exitCode' in error
  return {
    message: error instanceof Error ? error.message : String(error),
    exitCode: exitCodeOf(error),
    cause: known ? undefined : error,
  }
}

function portInUse(port: number, config: ServerConfig): string {
  const owner = portOwner(port) ?? 'another process'
  const secure = port === config.secureClientPort
  const host = (secure ? config.secureClientPortAddress : config.clientPortAddress) ?? 'this machine'
  return `port ${port} of ${host} is in use by ${owner}; stop it, or ${otherPort(port, config)}`
}

function otherPort(port: number, { clientPort, secureClientPort, configFile }: ServerConfig): string {
  const key = port === clientPort ? 'clientPort' : port === secureClientPort ? 'secureClientPort' : null
  const where = configFile === null ? '' : ` in ${configFile}`
  if (key === null) return `choose another one${where}`
  const other = port < 1024 ? 2181 : port + 1
  return configFile === null
    ? `choose another port: vivarium server -D ${key}=${other}`
    : `choose another ${key} in ${configFile}`
}

function exitCodeOf(error: unknown): number {
  const exitCode = (error as { exitCode?: unknown } | null)?.exitCode
  return typeof exitCode === 'number' ? exitCode : ExitCode.UNEXPECTED
}

const codeOf = (error: unknown): unknown => (error as { code?: unknown } | null)?.code

/** The port that could not be listened on, where the system has said so. */
function portOf(error: unknown): number | undefined {
  const { port } = (error instanceof Error ? (error.cause ?? error) : {}) as { port?: unknown }
  return typeof port === 'number' ? port : undefined
}

/** The system's code of an error or of what caused it: an error that wraps another has a code of its own. */
function systemError(error: unknown): unknown {
  const cause = error instanceof Error ? error.cause : undefined
  return cause === undefined ? codeOf(error) : codeOf(cause)
}
