import { format } from 'node:util'
import type { Log, LogLevel } from '@vivarium/env'

const MOST_LINES = 200

/** A log of which the last lines are kept, to be shown when something goes wrong. */
export class LogTail implements Log {
  readonly #lines: string[]
  readonly #fields: Readonly<Record<string, unknown>>

  constructor(lines: string[] = [], fields: Readonly<Record<string, unknown>> = {}) {
    this.#lines = lines
    this.#fields = fields
  }

  get text(): string {
    return this.#lines.join('\n')
  }

  trace(): void {}
  debug(): void {}

  info(message: string, fields?: Record<string, unknown>): void {
    this.#add('info', message, fields)
  }

  warn(message: string, fields?: Record<string, unknown>): void {
    this.#add('warn', message, fields)
  }

  error(message: string, fields?: Record<string, unknown>): void {
    this.#add('error', message, fields)
  }

  fatal(message: string, fields?: Record<string, unknown>): void {
    this.#add('fatal', message, fields)
  }

  with(fields: Record<string, unknown>): Log {
    return new LogTail(this.#lines, { ...this.#fields, ...fields })
  }

  #add(level: LogLevel, message: string, fields: Record<string, unknown> = {}): void {
    this.#lines.push(format('%s %s %o', level, message, { ...this.#fields, ...fields }))
    if (this.#lines.length > MOST_LINES) this.#lines.shift()
  }
}
