/** The names of attributes that javax.security.auth.x500.X500Principal knows; it takes others as numbers only. */
const KEYWORDS = new Set(
  'CN C L S ST O OU T IP STREET DC DNQUALIFIER DNQ SURNAME GIVENNAME INITIALS GENERATION EMAIL EMAILADDRESS UID SERIALNUMBER'.split(
    ' ',
  ),
)

const OBJECT_ID = /^(?:OID\.)?(?:0*[01]\.0*[1-3]?[0-9]|0*2\.[0-9]+)(?:\.[0-9]+)*$/

/** What ends a value that is not quoted, unless a backslash stands in front of it. */
const SEPARATORS = ',;+'
/** What may stand after a backslash besides two hexadecimal digits. */
const ESCAPED = ' ,+=\n<>#;\\"'
/** What may not stand in a value without a backslash in front of it. */
const ESCAPE_NEEDED = '<>"'

/**
 * Whether Java would take a text as the name of a certificate's subject: attributes such as `CN=alice,O=acme`, with the
 * quoting and escaping of RFC 2253 and 1779. The empty text is one.
 */
export function isX500Name(text: string): boolean {
  if (text === '') return true
  let offset = 0
  for (;;) {
    const equals = text.indexOf('=', offset)
    if (equals < 0 || !isKeyword(text.slice(offset, equals).trim().toUpperCase())) return false
    const end = valueEnd(text, equals + 1)
    if (end < 0) return false
    if (end === text.length) return true
    offset = end + 1
  }
}

function isKeyword(keyword: string): boolean {
  return KEYWORDS.has(keyword) || OBJECT_ID.test(keyword)
}

/** Where the value that begins at `start` ends: at a separator or the end of the text; −1 if it is malformed. */
function valueEnd(text: string, start: number): number {
  const first = skipBlanks(text, start)
  if (text[first] === '"') return quotedEnd(text, first + 1)
  if (text[first] === '#') return hexEnd(text, first + 1)
  let i = first
  for (; i < text.length && !SEPARATORS.includes(text.charAt(i)); i++) {
    const char = text.charAt(i)
    if (char === '\\') {
      const length = escapeLength(text, i + 1)
      if (length === 0) return -1
      i += length
    } else if (ESCAPE_NEEDED.includes(char)) return -1
  }
  return i
}

function quotedEnd(text: string, start: number): number {
  let i = start
  for (; text[i] !== '"'; i++) {
    if (i >= text.length) return -1
    if (text[i] === '\\') {
      const length = escapeLength(text, i + 1)
      if (length === 0) return -1
      i += length
    }
  }
  i = skipBlanks(text, i + 1)
  return i === text.length || SEPARATORS.includes(text.charAt(i)) ? i : -1
}

/** A value in hexadecimal is the encoding of an ASN.1 value: a tag, a length, and so many bytes. */
function hexEnd(text: string, start: number): number {
  const digits = /^(?:[0-9a-fA-F]{2})+/.exec(text.slice(start))?.[0]
  if (digits === undefined || digits.length < 4) return -1
  const length = Number.parseInt(digits.slice(2, 4), 16)
  if (length < 0x80 && digits.length !== 4 + 2 * length) return -1
  const i = start + digits.length
  return i === text.length || SEPARATORS.includes(text.charAt(i)) ? i : -1
}

/** How many characters belong to the backslash in front of `offset`; 0 if it escapes nothing. */
function escapeLength(text: string, offset: number): number {
  if (/^[0-9a-fA-F]{2}/.test(text.slice(offset, offset + 2))) return 2
  return offset < text.length && ESCAPED.includes(text.charAt(offset)) ? 1 : 0
}

function skipBlanks(text: string, offset: number): number {
  while (text[offset] === ' ' || text[offset] === '\n') offset++
  return offset
}
