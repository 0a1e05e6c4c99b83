/** The four-letter words that a server knows on its client port (FourLetterCommands). */
export const FOUR_LETTER_WORDS = [
  'conf',
  'cons',
  'crst',
  'dirs',
  'dump',
  'envi',
  'gtmk',
  'hash',
  'isro',
  'mntr',
  'ruok',
  'srst',
  'srvr',
  'stat',
  'stmk',
  'wchc',
  'wchp',
  'wchs',
] as const

export type FourLetterWord = (typeof FOUR_LETTER_WORDS)[number]

/** What telnet sends to close a connection, as the 32-bit integer that its four bytes are. */
export const TELNET_CLOSE = 0xfff4fffd | 0

/** A word as the 32-bit integer that its four ASCII bytes are. */
export function fourLetterCode(word: FourLetterWord): number {
  return (word.charCodeAt(0) << 24) | (word.charCodeAt(1) << 16) | (word.charCodeAt(2) << 8) | word.charCodeAt(3)
}

const words = new Map<number, FourLetterWord>(FOUR_LETTER_WORDS.map((word) => [fourLetterCode(word), word]))

/** The word that the first four bytes of a connection are, if they are one rather than the length of a frame. */
export function fourLetterWord(code: number): FourLetterWord | undefined {
  return words.get(code)
}
