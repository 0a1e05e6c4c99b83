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
  if (system === 'EADDRINUSE') return { message: portInUse(config), exitCode: exitCodeOf(error), cause: undefined }
  if (system === 'EACCES' && codeOf(error) !== 'DATA' && (config.clientPort ?? 0) < 1024) {
    const message = `port ${config.clientPort} may only be listened on by a privileged process; ${otherPort(config)}`
    return { message, exitCode: exitCodeOf(error), cause: undefined }
  }
  const known = error instanceof Error && 'exitCode' in error
  return {
    message: error instanceof Error ? error.message : String(error),
    exitCode: exitCodeOf(error),
    cause: known ? undefined : error,
  }
}

function portInUse(config: ServerConfig): string {
  const port = config.clientPort ?? 0
  const owner = portOwner(port) ?? 'another process'
  const host = config.clientPortAddress ?? 'this machine'
  return `port ${port} of ${host} is in use by ${owner}; stop it, or ${otherPort(config)}`
}

function otherPort({ clientPort, configFile }: ServerConfig): string {
  const other = (clientPort ?? 0) < 1024 ? 2181 : (clientPort ?? 0) + 1
  return configFile === null
    ? `choose another port: vivarium server -D clientPort=${other}`
    : `choose another clientPort in ${configFile}`
}

function exitCodeOf(error: unknown): number {
  const exitCode = (error as { exitCode?: unknown } | null)?.exitCode
  return typeof exitCode === 'number' ? exitCode : ExitCode.UNEXPECTED
}

const codeOf = (error: unknown): unknown => (error as { code?: unknown } | null)?.code

/** The system's code of an error or of what caused it: an error that wraps another has a code of its own. */
function systemError(error: unknown): unknown {
  const cause = error instanceof Error ? error.cause : undefined
  return cause === undefined ? codeOf(error) : codeOf(cause)
}
