import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { ANSWER_HEADERS } from './answer-headers.ts'
import { Problem, problemBody } from './problem.ts'

/** A problem as all of an answer, for where there is nothing that would write one. */
export function problemText(problem: Problem): {
  readonly headers: Record<string, string | number>
  readonly body: string
} {
  const body = JSON.stringify(problemBody(problem))
  const headers = {
    ...ANSWER_HEADERS,
    ...problem.headers,
    'content-type': 'application/problem+json',
    'content-length': Buffer.byteLength(body),
  }
  return { headers, body }
}

/** What is wrong with bytes that are no request, or do not become one in time. */
const UNREADABLE: Readonly<Record<string, Problem>> = {
  HPE_HEADER_OVERFLOW: new Problem(431, 'TooLarge', 'the head of the request is longer than is taken'),
  HPE_CHUNK_EXTENSIONS_OVERFLOW: new Problem(413, 'TooLarge', 'the extensions of a chunk are longer than is taken'),
  ERR_HTTP_REQUEST_TIMEOUT: new Problem(408, 'RequestTimeout', 'the request did not come in time'),
}
const NO_REQUEST = new Problem(400, 'BadRequest', 'that is no request of HTTP')

/** Answers bytes that the HTTP server could not make a request of, and ends their connection. */
export function answerUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const problem = UNREADABLE[error.code ?? ''] ?? NO_REQUEST
  const { headers, body } = problemText(problem)
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const line = `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\n`
  socket.end(`${line}${lines.join('')}connection: close\r\n\r\n${body}`)
}
