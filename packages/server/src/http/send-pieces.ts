import type { ServerResponse } from 'node:http'
import { setImmediate as turn } from 'node:timers/promises'

/** Sends what comes in pieces between other work, and only as fast as it is taken. What is one piece leaves in one write. */
export async function sendPieces(
  response: ServerResponse,
  pieces: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>,
): Promise<void> {
  let last: string | Uint8Array = ''
  try {
    for await (const piece of pieces) {
      if (response.destroyed) return
      if (last.length > 0) await (response.write(last) ? turn() : taken(response))
      last = piece
    }
    response.end(last)
  } catch (error) {
    // Nobody is left whom it concerns.
    if (!response.destroyed) throw error
  }
}

/** Resolves once there is room again, or nobody who takes anything. */
function taken(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done).off('close', done)
      resolve()
    }
    response.on('drain', done).on('close', done)
  })
}
