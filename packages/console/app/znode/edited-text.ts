import type { Data } from '../api/types.ts'
import { bytesOf, formatHex, parseHex, toBase64 } from './bytes-of.ts'

/** How data is written in a field: as it is, with lines that end otherwise than those of fields do, or byte by byte. */
export type Form = 'text' | 'crlf' | 'hex'

/** A line's end that is no CR LF, or half of one. */
const OTHER_ENDS = /\r(?!\n)|(?<!\r)\n/

/** The form in which nothing of the data changes by being in a field: browsers make LF of all that ends a line there. */
export function formOf({ data, encoding }: Data): Form {
  if (encoding === 'base64') return 'hex'
  if (data === null || !data.includes('\r')) return 'text'
  return OTHER_ENDS.test(data) ? 'hex' : 'crlf'
}

/** Data as it stands in a field. */
export function textOf(data: Data, form: Form): string {
  if (form === 'hex') return formatHex(bytesOf(data))
  return form === 'crlf' ? (data.data ?? '').replaceAll('\r\n', '\n') : (data.data ?? '')
}

/** The data that a field's text stands for; null if it is none. */
export function dataOf(text: string, form: Form): Data | null {
  if (form === 'text') return { data: text, encoding: 'utf8' }
  if (form === 'crlf') return { data: text.replaceAll('\n', '\r\n'), encoding: 'utf8' }
  const bytes = parseHex(text)
  return bytes === null ? null : { data: toBase64(bytes), encoding: 'base64' }
}

/** The form in which one can be compared with the other. */
export function commonForm(one: Form, other: Form): Form {
  return one === other ? one : 'hex'
}
