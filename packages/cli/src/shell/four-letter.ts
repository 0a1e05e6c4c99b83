import type { Network } from '@vivarium/env'
import { NodeNetwork } from '@vivarium/env/node'

/** More than any server answers to `srvr`. */
const LONGEST_ANSWER = 64 * 1024

/** What a server answers to a four-letter word. Rejects if it does not within `timeoutMs`. */
export function askFourLetterWord(
  host: string,
  port: number,
  word: string,
  timeoutMs: number,
  network: Pick<Network, 'connect'> = new NodeNetwork(),
): Promise<string> {
  return new Promise((resolve, reject) => {
    const pieces: Uint8Array[] = []
    let length = 0
    let stop = (): void => {}
    const fail = (error: Error): void => {
      reject(error)
      stop()
    }
    const timer = setTimeout(() => fail(new Error(`no answer after ${timeoutMs} ms`)), timeoutMs)
    const handler = {
      data(bytes: Uint8Array, start: number, end: number): void {
        pieces.push(Buffer.from(bytes.subarray(start, end)))
        length += end - start
        if (length > LONGEST_ANSWER) fail(new Error('the answer is too long'))
      },
      drained(): void {},
      closed(error: Error | null): void {
        clearTimeout(timer)
        if (error === null || length > 0) resolve(Buffer.concat(pieces).toString('utf8'))
        else reject(error)
      },
    }
    network.connect({ host, port, timeoutMs }, handler).then(
      (socket) => {
        stop = () => socket.destroy()
        socket.write(Buffer.from(word), 0, word.length)
      },
      (error: Error) => {
        clearTimeout(timer)
        reject(error)
      },
    )
  })
}
