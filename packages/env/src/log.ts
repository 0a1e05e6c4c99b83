export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'

/** Structured logging: a message for people, and fields for machines. An `error` field prints its stack. */
export interface Log {
  trace(message: string, fields?: Record<string, unknown>): void
  debug(message: string, fields?: Record<string, unknown>): void
  info(message: string, fields?: Record<string, unknown>): void
  warn(message: string, fields?: Record<string, unknown>): void
  error(message: string, fields?: Record<string, unknown>): void
  fatal(message: string, fields?: Record<string, unknown>): void
  /** A log that adds `fields` to each line. */
  with(fields: Record<string, unknown>): Log
}

/** Says nothing. */
export const silentLog: Log = {
  trace() {},
  debug() {},
  info() {},
  warn() {},
  error() {},
  fatal() {},
  with: () => silentLog,
}
