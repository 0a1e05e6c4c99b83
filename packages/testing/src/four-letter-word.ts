import { connect } from 'node:net'

/** A server that is paused takes connections, and says nothing. */
const PATIENCE_MS = 5000

/** What a server answers to a four-letter word: one of this machine, unless told. */
export function fourLetterWord(port: number, word: string, host = '127.0.0.1'): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host }, () => socket.write(word))
    let answer = ''
    socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error(`no answer to ${word} within ${PATIENCE_MS} ms`)))
    socket.on('data', (chunk) => {
      answer += chunk
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(answer))
  })
}

/** What the server says it does (`standalone`, `leader`, `follower`, `observer`); null while it serves nobody. */
export async function modeOf(port: number): Promise<string | null> {
  const answer = await fourLetterWord(port, 'srvr').catch(() => '')
  return /^Mode: (.*)$/m.exec(answer)?.[1] ?? null
}
