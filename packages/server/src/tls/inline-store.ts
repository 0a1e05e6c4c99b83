import { type PemBlock, pemBlocks } from './pem.ts'

/** A store that stands in the configuration itself: the bytes that its file would have, or a text for them. */
export type InlineStore = string | Uint8Array

/** What is wrong where both keys are set, of whose names these are. */
export const inTwoPlaces = (inline: string, location: string): string =>
  `${inline} is set, and so is ${location}: a store is in one place`

/** As long as the lines of PEM are (RFC 7468): some who read it insist. */
const LINE_LENGTH = 64

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/

/**
 * The bytes of a store that stands in the configuration. A text is PEM, or any store in base64. PEM may have been through
 * properties and variables, where its line breaks become blanks, `\n`s of two characters, or nothing.
 *
 * @returns null if the text is neither
 */
export function inlineBytes(store: InlineStore): Uint8Array | null {
  if (typeof store !== 'string') return store
  const text = store.replace(/\\[nr]/g, '\n')
  const blocks = pemBlocks(text)
  if (blocks.length > 0) return Buffer.from(blocks.map(inLines).join(''))
  const base64 = text.replace(/\s/g, '')
  return BASE64.test(base64) ? Buffer.from(base64, 'base64') : null
}

/** A block of PEM with line breaks where they belong. */
function inLines({ label, text }: PemBlock): string {
  const [begin, end] = [`-----BEGIN ${label}-----`, `-----END ${label}-----`]
  const words = text.slice(begin.length, text.lastIndexOf(end)).split(/\s+/).filter(Boolean)
  // What OpenSSL has written above the keys that it locked, before PKCS#8: two headers, and an empty line.
  const [, mode, , cipher] = words[0] === 'Proc-Type:' ? words.splice(0, 4) : []
  const headers = cipher === undefined ? [] : [`Proc-Type: ${mode}`, `DEK-Info: ${cipher}`, '']
  const body = words.join('').match(new RegExp(`.{1,${LINE_LENGTH}}`, 'g')) ?? []
  return [begin, ...headers, ...body, end, ''].join('\n')
}
