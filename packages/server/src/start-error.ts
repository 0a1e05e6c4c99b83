/**
 * Why a server did not start, or stopped by itself, and the exit code that Java's process has for it (ExitCode).
 *
 * - `CONFIG`: what was configured cannot be
 * - `DATA`: the data directory cannot be used, or what is in it not be trusted
 * - `LISTEN`: the port cannot be listened on
 * - `ADMIN`: the admin server was asked for and cannot be started
 * - `METRICS`: what Prometheus is to ask cannot be started
 * - `LOG`: the transaction log cannot be written any more
 */
export type StartErrorCode = 'CONFIG' | 'DATA' | 'LISTEN' | 'ADMIN' | 'METRICS' | 'LOG'

const EXIT_CODES: Record<StartErrorCode, number> = { CONFIG: 2, DATA: 3, LISTEN: 1, ADMIN: 4, METRICS: 1, LOG: 10 }

/** The message says what happened, where, and what to do. */
export class StartError extends Error {
  override readonly name = 'StartError'
  readonly code: StartErrorCode
  readonly exitCode: number

  constructor(code: StartErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
    this.exitCode = EXIT_CODES[code]
  }
}
