import type { Disk } from '@vivarium/env'

/** The bytes of a file, from its beginning, at most `pieceBytes` at a time; it may be removed meanwhile. */
export async function* piecesOf(disk: Disk, path: string, pieceBytes = 1024 * 1024): AsyncIterable<Uint8Array> {
  const file = await disk.open(path, 'read')
  try {
    for (let at = 0; ; ) {
      const piece = await file.read(at, pieceBytes)
      if (piece.length === 0) return
      yield piece
      at += piece.length
    }
  } finally {
    await file.close()
  }
}
