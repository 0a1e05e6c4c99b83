/** One `key=value` of a properties file. */
export interface Property {
  readonly key: string
  readonly value: string
  /** Line where it begins, counted from 1. */
  readonly line: number
}

export interface PropertiesError {
  readonly line: number
  readonly problem: string
}

export interface Properties {
  /** In the order of the file. A key can occur more than once: for Java the last one counts. */
  readonly properties: readonly Property[]
  readonly errors: readonly PropertiesError[]
}

/**
 * Reads the syntax of `java.util.Properties`: `=`, `:` or white space between key and value, `#` and `!` comments, `\` at
 * the end of a line that goes on, and escapes. As zoo.cfg's reader does, it trims keys and values.
 *
 * @example parseProperties('tickTime = 2000\n') // properties: [{ key: 'tickTime', value: '2000', line: 1 }]
 */
export function parseProperties(text: string): Properties {
  const properties: Property[] = []
  const errors: PropertiesError[] = []
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/)
  for (let at = 0; at < lines.length; at++) {
    const line = at + 1
    let logical = withoutIndent(lines[at]!)
    if (logical === '' || logical.startsWith('#') || logical.startsWith('!')) continue
    const parts: string[] = []
    while (goesOn(logical)) {
      parts.push(logical.slice(0, -1))
      // A backslash at the end of the file joins nothing.
      if (at + 1 >= lines.length) {
        logical = ''
        break
      }
      logical = withoutIndent(lines[++at]!)
    }
    parts.push(logical)
    const whole = parts.join('')
    const split = splitAtSeparator(whole)
    const key = withoutEscapes(whole.slice(0, split.keyEnd))
    const value = withoutEscapes(whole.slice(split.valueStart))
    if (key === null || value === null)
      errors.push({ line, problem: 'malformed \\u escape: four hexadecimal digits must follow' })
    else properties.push({ key: key.trim(), value: value.trim(), line })
  }
  return { properties, errors }
}

/**
 * The text of a properties file with `(set)` for the values of those keys that are not to be seen.
 *
 * @param hidden whether a key's value is not
 */
export function hideValues(text: string, hidden: (key: string) => boolean): string {
  const { properties } = parseProperties(text)
  if (!properties.some(({ key }) => hidden(key))) return text
  const lines = text.split(/\r\n|\n|\r/)
  for (const { key, line } of properties.toReversed()) {
    if (!hidden(key)) continue
    let end = line
    while (goesOn(lines[end - 1] ?? '')) end++
    lines.splice(line - 1, end - line + 1, `${key}=(set)`)
  }
  return lines.join('\n')
}

const withoutIndent = (line: string): string => line.replace(/^[ \t\f]+/, '')

/** Whether the line ends in a backslash that is not itself escaped: then the next one belongs to it. */
export function goesOn(line: string): boolean {
  let backslashes = 0
  while (backslashes < line.length && line.charCodeAt(line.length - 1 - backslashes) === 0x5c) backslashes++
  return backslashes % 2 === 1
}

const isBlank = (character: string | undefined): boolean =>
  character === ' ' || character === '\t' || character === '\f'
const isSeparator = (character: string | undefined): boolean => character === '=' || character === ':'

function splitAtSeparator(line: string): { keyEnd: number; valueStart: number } {
  let at = 0
  while (at < line.length && !isSeparator(line[at]) && !isBlank(line[at])) at += line[at] === '\\' ? 2 : 1
  const keyEnd = Math.min(at, line.length)
  while (isBlank(line[at])) at++
  if (isSeparator(line[at])) at++
  while (isBlank(line[at])) at++
  return { keyEnd, valueStart: at }
}

const CONTROL: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' }

/** The text that escapes stand for; null when one is malformed. */
function withoutEscapes(text: string): string | null {
  let malformed = false
  const result = text.replace(/\\(?:u([0-9a-fA-F]{4})|(.|$))/gsu, (_all, hex: string | undefined, plain: string) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16))
    if (plain === 'u') malformed = true
    return CONTROL[plain] ?? plain
  })
  return malformed ? null : result
}
