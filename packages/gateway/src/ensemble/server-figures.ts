import { connect } from 'node:net'

/** What a server says of itself when it is asked `srvr`. */
export interface ServerFigures {
  readonly mode: string
  readonly version: string
  readonly zxid: string
  /** In milliseconds. */
  readonly latency: { readonly min: number; readonly average: number; readonly max: number }
  readonly received: number
  readonly sent: number
  readonly connections: number
  readonly outstanding: number
  readonly nodes: number
}

const TIMEOUT_MS = 1000
const MOST_BYTES = 16_384

/** Asks a server of any make how it does. Resolves to a sentence if it does not say. */
export async function askServer(host: string, port: number): Promise<ServerFigures | string> {
  const answer = await ask(host, port, 'srvr').catch((error: Error) => error)
  if (typeof answer !== 'string') return answer.message
  return parseFigures(answer) ?? (answer.trim().slice(0, 200) || 'it says nothing')
}

/** Null for an answer that is none. */
export function parseFigures(answer: string): ServerFigures | null {
  const lines = new Map(
    answer.split('\n').map((line) => {
      const at = line.indexOf(':')
      return [line.slice(0, at), line.slice(at + 1).trim()] as const
    }),
  )
  const mode = lines.get('Mode')
  const zxid = lines.get('Zxid')
  if (mode === undefined || zxid === undefined || !/^0x[0-9a-f]{1,16}$/.test(zxid)) return null
  const number = (name: string): number => numberOf(lines.get(name))
  const [min, average, max] = (lines.get('Latency min/avg/max') ?? '').split('/').map(numberOf)
  return {
    mode,
    zxid,
    version: (lines.get('Zookeeper version') ?? '').split(',')[0] ?? '',
    latency: { min: min ?? 0, average: average ?? 0, max: max ?? 0 },
    received: number('Received'),
    sent: number('Sent'),
    connections: number('Connections'),
    outstanding: number('Outstanding'),
    nodes: number('Node count'),
  }
}

const numberOf = (text = ''): number => (/^\d{1,15}(\.\d+)?$/.test(text) ? Number(text) : 0)

function ask(host: string, port: number, word: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port })
    let text = ''
    const fail = (error: Error): void => {
      socket.destroy()
      reject(error)
    }
    // However slowly it talks: it is not waited for any longer.
    const timer = setTimeout(() => fail(new Error(`no answer within ${TIMEOUT_MS} ms`)), TIMEOUT_MS)
    socket.setEncoding('latin1')
    socket.once('connect', () => socket.write(word))
    socket.on('data', (part: string) => {
      text += part
      if (text.length > MOST_BYTES) fail(new Error('that is no ZooKeeper server'))
    })
    socket.once('error', fail)
    socket.once('close', () => {
      clearTimeout(timer)
      resolve(text)
    })
  })
}
