/** A piece of JSON that is shown in one colour. */
export interface Token {
  readonly kind: 'key' | 'string' | 'number' | 'word' | 'mark'
  readonly text: string
}

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d[\d.eE+-]*)|(true|false|null)|([^"\d\-tfn]+|.)/gs

/** Strings, what opens and closes, what stands between, and everything else that is not space. */
const PIECE = /"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+/g

/**
 * Data as JSON, laid out to be read; null if it is not an object or an array of JSON. Numbers stay as they are written, which
 * they would not in JavaScript, and of keys that come twice both are shown.
 */
export function layOutJson(text: string): string | null {
  if (!/^\s*[[{]/.test(text) || !isJson(text)) return null
  const pieces = text.match(PIECE) ?? []
  const out: string[] = []
  let depth = 0
  const newLine = (): void => void out.push('\n', '  '.repeat(depth))
  for (const [at, piece] of pieces.entries()) {
    const empty = /[[{]/.test(pieces[at - 1] ?? '') && pieces[at - 1]?.length === 1
    if (piece === '}' || piece === ']') {
      depth--
      if (!empty) newLine()
    } else if (empty) newLine()
    out.push(piece)
    if (piece === '{' || piece === '[') depth++
    else if (piece === ',') newLine()
    else if (piece === ':') out.push(' ')
  }
  return out.join('')
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** Takes laid out JSON apart: the pieces put together are the text again. */
export function jsonTokens(text: string): Token[] {
  const tokens: Token[] = []
  for (const [whole, string, colon, number, word] of text.matchAll(TOKEN)) {
    if (string !== undefined) {
      tokens.push({ kind: colon === undefined ? 'string' : 'key', text: string })
      if (colon !== undefined) tokens.push({ kind: 'mark', text: colon })
    } else if (number !== undefined) tokens.push({ kind: 'number', text: number })
    else tokens.push({ kind: word === undefined ? 'mark' : 'word', text: whole })
  }
  return tokens
}
