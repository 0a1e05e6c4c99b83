/** So much text leaves in one write: each write is a call to the system, and after it others have their turn. */
const PIECE_CHARACTERS = 32_768

/** Puts the parts of a text together to pieces that are worth a write, and short enough not to keep others waiting. */
export function* inPieces(parts: Iterable<string>): Iterable<string> {
  let piece = ''
  for (const part of parts) {
    piece += part
    if (piece.length < PIECE_CHARACTERS) continue
    yield piece
    piece = ''
  }
  if (piece !== '') yield piece
}
