import type { Log, LogLevel } from '@vivarium/env'

/** A log whose lines go to a function. */
export class SimLog implements Log {
  readonly #write: (level: LogLevel, text: string) => void
  readonly #fields: Record<string, unknown>

  constructor(write: (level: LogLevel, text: string) => void, fields: Record<string, unknown> = {}) {
    this.#write = write
    this.#fields = fields
  }

  trace(message: string, fields?: Record<string, unknown>): void {
    this.#line('trace', message, fields)
  }

  debug(message: string, fields?: Record<string, unknown>): void {
    this.#line('debug', message, fields)
  }

  info(message: string, fields?: Record<string, unknown>): void {
    this.#line('info', message, fields)
  }

  warn(message: string, fields?: Record<string, unknown>): void {
    this.#line('warn', message, fields)
  }

  error(message: string, fields?: Record<string, unknown>): void {
    this.#line('error', message, fields)
  }

  fatal(message: string, fields?: Record<string, unknown>): void {
    this.#line('fatal', message, fields)
  }

  with(fields: Record<string, unknown>): Log {
    return new SimLog(this.#write, { ...this.#fields, ...fields })
  }

  #line(level: LogLevel, message: string, fields: Record<string, unknown> = {}): void {
    const all = Object.entries({ ...this.#fields, ...fields })
    this.#write(
      level,
      all.length === 0 ? message : `${message} ${all.map(([key, value]) => `${key}=${show(value)}`).join(' ')}`,
    )
  }
}

function show(value: unknown): string {
  if (value instanceof Error) return JSON.stringify(value.message)
  if (typeof value === 'bigint') return `0x${BigInt.asUintN(64, value).toString(16)}`
  return JSON.stringify(value) ?? 'undefined'
}
