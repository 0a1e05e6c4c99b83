import type { Log, LogLevel } from '@vivarium/env'

/** A log that a test can wait for. */
export class RecordedLog implements Log {
  /** `warn: message {"fields": …}`. */
  readonly lines: string[] = []
  #waiting: { readonly pattern: RegExp; readonly resolve: (line: string) => void }[] = []

  /** The first line that matches, when it has been logged. */
  until(pattern: RegExp): Promise<string> {
    const line = this.lines.find((known) => pattern.test(known))
    if (line !== undefined) return Promise.resolve(line)
    return new Promise((resolve) => this.#waiting.push({ pattern, resolve }))
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

  with(): Log {
    return this
  }

  #add(level: LogLevel, message: string, fields: Record<string, unknown> = {}): void {
    const line = `${level}: ${message} ${JSON.stringify(fields, (_, value) => (typeof value === 'bigint' ? String(value) : value))}`
    this.lines.push(line)
    const done = this.#waiting.filter(({ pattern }) => pattern.test(line))
    this.#waiting = this.#waiting.filter((waiting) => !done.includes(waiting))
    for (const { resolve } of done) resolve(line)
  }
}
