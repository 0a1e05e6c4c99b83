import { request } from 'node:http'

/** Long enough for who answers at all. */
const TIMEOUT_MS = 5000

/**
 * Asks for something by HTTP, in the clear, as authorities have what they say about certificates: it is signed. Nothing is
 * followed elsewhere.
 *
 * @param options.body what to send along, by POST; left out: GET
 * @param options.mostBytes an answer that is longer is refused
 */
export function fetchBytes(
  url: string,
  { body, mostBytes }: { body?: { type: string; bytes: Uint8Array } | undefined; mostBytes: number },
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    if (!/^http:/i.test(url)) throw new Error('it is not to be had by HTTP')
    const head = body === undefined ? {} : { 'Content-Type': body.type, 'Content-Length': body.bytes.length }
    const options = { method: body === undefined ? 'GET' : 'POST', headers: head, agent: false }
    const asked = request(url, { ...options, signal: AbortSignal.timeout(TIMEOUT_MS) }, (response) => {
      const pieces: Uint8Array[] = []
      let length = 0
      response.on('data', (piece: Uint8Array) => {
        pieces.push(piece)
        length += piece.length
        if (length > mostBytes) response.destroy(new Error(`an answer of more than ${mostBytes} bytes`))
      })
      response.on('end', () => {
        if (response.statusCode === 200) resolve(Buffer.concat(pieces))
        else reject(new Error(`status ${response.statusCode}`))
      })
      response.on('error', reject)
    })
    asked.on('error', reject)
    asked.end(body?.bytes)
  })
}
