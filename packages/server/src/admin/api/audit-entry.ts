/** A line of the audit log, taken apart: its time and its fields, by their names. */
export type AuditEntry = Readonly<Record<string, string>>

const TEXT_LINE = /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}) [A-Z]+ \S+: (.*)$/
const ESCAPE = /\\u([0-9a-f]{4})/g

/** Reads a line in either of the formats in which AuditLog writes; null if it is none. */
export function parseAuditLine(line: string): AuditEntry | null {
  return line.startsWith('{') ? parseJson(line) : parseText(line)
}

function parseText(line: string): AuditEntry | null {
  const [, time, fields] = TEXT_LINE.exec(line) ?? []
  if (time === undefined || fields === undefined) return null
  const entry = new Map([['time', time.replace(',', '.')]])
  for (const field of fields.split('\t')) {
    const at = field.indexOf('=')
    if (at > 0) entry.set(field.slice(0, at), unescaped(field.slice(at + 1)))
  }
  return Object.fromEntries(entry)
}

const unescaped = (text: string): string =>
  text.replace(ESCAPE, (_escape, code: string) => String.fromCharCode(Number.parseInt(code, 16)))

function parseJson(line: string): AuditEntry | null {
  try {
    const fields = Object.entries(JSON.parse(line) as object)
    return Object.fromEntries(fields.filter((field): field is [string, string] => typeof field[1] === 'string'))
  } catch {
    return null
  }
}
