import type { Log, LogLevel } from '../log.ts'

const RANK: Record<LogLevel, number> = { trace: 0, debug: 1, info: 2, warn: 3, error: 4, fatal: 5 }

export interface NodeLogOptions {
  /** What is less important than this is not written. Default `info`. */
  readonly level?: LogLevel | undefined
  /** `text`: a line for people. `json`: an object a line, for machines. Default `text`. */
  readonly format?: 'text' | 'json' | undefined
  /** Whether text lines are coloured. Default: where they go to a terminal, unless `NO_COLOR` is set (no-color.org). */
  readonly color?: boolean | undefined
  /** Receives each line, without its newline. Default: standard error. */
  readonly write?: ((line: string) => void) | undefined
  /** The time a line carries, in milliseconds since the Unix epoch. Default: now. */
  readonly wallMs?: (() => number) | undefined
}

/** Terminal colours: bright red is for what ends the process. */
const COLOR: Record<LogLevel, number> = { trace: 90, debug: 90, info: 32, warn: 33, error: 31, fatal: 91 }
const DIM = 90

type Fields = Record<string, unknown>
/** Puts text in a colour, or leaves it as it is. */
type Paint = (text: string, color: number) => string
type LineWriter = (level: LogLevel, message: string, fields: Fields) => void

/** What `JSON.stringify` cannot say or says badly. Strings are left as they are: it escapes what could forge a line. */
function printable(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `0x${BigInt.asUintN(64, value).toString(16)}`
  if (value instanceof Error) {
    const cause = value.cause === undefined ? {} : { cause: value.cause }
    return { ...value, message: value.message, stack: value.stack, ...cause }
  }
  if (value instanceof Uint8Array) return `${value.length} bytes`
  if (value instanceof Map) return Object.fromEntries(value)
  if (value instanceof Set) return [...value]
  return value
}

const UNPRINTABLE = '"(unprintable)"'

/** JSON of anything at all: a field that refers to itself must not take the server down. */
function toJson(value: unknown): string {
  try {
    return JSON.stringify(value, printable) ?? 'undefined'
  } catch {
    return UNPRINTABLE
  }
}

/** A line for machines; of fields that cannot be printed together, those that can alone. */
function jsonLine(time: string, level: LogLevel, message: string, fields: Fields): string {
  try {
    return JSON.stringify({ time, level, message, ...fields }, printable)
  } catch {
    const each = Object.entries(fields).map(([name, value]) => [
      name,
      toJson(value) === UNPRINTABLE ? '(unprintable)' : value,
    ])
    return JSON.stringify({ time, level, message, ...Object.fromEntries(each) }, printable)
  }
}

/** `text` without characters that would end the line or move a terminal's cursor. */
function onOneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this replaces.
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (character) => toJson(character).slice(1, -1))
}

const plainly: Paint = (text) => text
const inColor: Paint = (text, color) => `\u001b[${color}m${text}\u001b[39m`

function textLine(time: string, level: LogLevel, message: string, fields: Fields, paint: Paint): string {
  let line = `${paint(time, DIM)} ${paint(level.toUpperCase().padEnd(5), COLOR[level])} ${onOneLine(message)}`
  let stack = ''
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue
    if (value instanceof Error) {
      line += ` ${paint(`${name}=`, DIM)}${toJson(value.message)}`
      stack += `\n${(value.stack ?? String(value)).split('\n').map(onOneLine).join('\n')}`
    } else {
      const plain = typeof value === 'string' && /^[\w./:@-]+$/.test(value)
      const text = typeof value === 'bigint' ? String(printable('', value)) : plain ? value : toJson(value)
      line += ` ${paint(`${name}=`, DIM)}${text}`
    }
  }
  return line + stack
}

class NodeLog implements Log {
  readonly #rank: number
  readonly #fields: Fields
  readonly #writeLine: LineWriter

  constructor(rank: number, fields: Fields, writeLine: LineWriter) {
    this.#rank = rank
    this.#fields = fields
    this.#writeLine = writeLine
  }

  trace(message: string, fields?: Fields): void {
    this.#log('trace', message, fields)
  }

  debug(message: string, fields?: Fields): void {
    this.#log('debug', message, fields)
  }

  info(message: string, fields?: Fields): void {
    this.#log('info', message, fields)
  }

  warn(message: string, fields?: Fields): void {
    this.#log('warn', message, fields)
  }

  error(message: string, fields?: Fields): void {
    this.#log('error', message, fields)
  }

  fatal(message: string, fields?: Fields): void {
    this.#log('fatal', message, fields)
  }

  with(fields: Fields): Log {
    return new NodeLog(this.#rank, { ...this.#fields, ...fields }, this.#writeLine)
  }

  #log(level: LogLevel, message: string, fields: Fields | undefined): void {
    if (RANK[level] < this.#rank) return
    this.#writeLine(level, message, fields === undefined ? this.#fields : { ...this.#fields, ...fields })
  }
}

/**
 * A log that writes lines.
 *
 * @example
 * const log = createNodeLog({ level: 'debug' }).with({ server: 1 })
 * log.warn('slow disk', { ms: 1200 }) // 2026-01-31T12:00:00.000Z WARN  slow disk server=1 ms=1200
 */
export function createNodeLog(options: NodeLogOptions = {}): Log {
  const write = options.write ?? ((line: string) => process.stderr.write(`${line}\n`))
  const wallMs = options.wallMs ?? Date.now
  const json = options.format === 'json'
  const color = options.color ?? (options.write === undefined && process.stderr.isTTY && !process.env.NO_COLOR)
  const paint = color ? inColor : plainly
  return new NodeLog(RANK[options.level ?? 'info'], {}, (level, message, fields) => {
    const time = new Date(wallMs()).toISOString()
    write(json ? jsonLine(time, level, message, fields) : textLine(time, level, message, fields, paint))
  })
}
