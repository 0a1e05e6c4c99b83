import { connect } from 'node:net'

/** More than any server answers to `srvr`. */
const LONGEST_ANSWER = 64 * 1024

/** What a server answers to a four-letter word. Rejects if it does not within `timeoutMs`. */
export function askFourLetterWord(host: string, port: number, word: string, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(port, host, () => socket.write(word))
    const timer = setTimeout(() => socket.destroy(new Error(`no answer after ${timeoutMs} ms`)), timeoutMs)
    socket.setEncoding('utf8')
    socket.on('data', (text: string) => {
      answer += text
      if (answer.length > LONGEST_ANSWER) socket.destroy(new Error('the answer is too long'))
    })
    socket.on('error', reject)
    socket.on('close', () => {
      clearTimeout(timer)
      resolve(answer)
    })
  })
}
