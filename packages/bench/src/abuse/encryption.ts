import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { connect as connectSecurely } from 'node:tls'
import { OpCode, Operation } from '@vivarium/protocol'
import { median } from '../compare/results.ts'
import { greeting } from '../load/connection.ts'
import { RequestTemplate } from '../load/request-template.ts'
import { freePort, RawClient, ServerProcess, VIVARIUM } from './interop.ts'

const CONNECTIONS = 20
const DEPTH = 16
const DATA = new Uint8Array(100).fill(120)
const SETTLE_MS = 500
/** Behind the length, xid and zxid of an answer. */
const ERROR_AT = 16

export interface EncryptionOptions {
  /** How long each measurement lasts. */
  readonly seconds: number
  /** Measurements in the clear, and encrypted, by turns. */
  readonly rounds: number
}

/** Requests in a second: the medians of the rounds, and what encrypted ones are of the others. */
export interface EncryptionResult extends EncryptionOptions {
  readonly reads: Rates
  readonly writes: Rates
}

interface Rates {
  readonly plain: number
  readonly encrypted: number
  readonly ratio: number
}

const READ = new RequestTemplate(OpCode.getData, 0, (to) =>
  Operation.getData.request.write(to, { path: '/load', watch: false }),
)
const WRITE = new RequestTemplate(OpCode.setData, 0, (to) =>
  Operation.setData.request.write(to, { path: '/load', data: DATA, version: -1 }),
)

/** How many requests a server answers in the clear, and how many over TLS, of clients with many under way at once. */
export async function measureEncryption({ seconds, rounds }: EncryptionOptions): Promise<EncryptionResult> {
  const directory = mkdtempSync(join(tmpdir(), 'vivarium-bench-encryption-'))
  const securePort = await freePort()
  const config = { maxClientCnxns: '0', secureClientPort: String(securePort), ...keys(directory) }
  const server = await ServerProcess.start(VIVARIUM, { directory: join(directory, 'server'), config })
  try {
    await (await RawClient.connect(server.port)).create('/load', Buffer.from(DATA))
    const compare = async (request: RequestTemplate): Promise<Rates> => {
      const [plain, encrypted]: [number[], number[]] = [[], []]
      for (let round = 0; round < rounds; round++) {
        plain.push(await rateOf(() => connect(server.port, '127.0.0.1'), 'connect', request, seconds))
        const open = (): Socket => connectSecurely({ port: securePort, host: '127.0.0.1', rejectUnauthorized: false })
        encrypted.push(await rateOf(open, 'secureConnect', request, seconds))
      }
      const [clear, secure] = [median(plain), median(encrypted)]
      return { plain: clear, encrypted: secure, ratio: secure / clear }
    }
    return { seconds, rounds, reads: await compare(READ), writes: await compare(WRITE) }
  } finally {
    await server.dispose()
    rmSync(directory, { recursive: true, force: true })
  }
}

/** What a server encrypts with. */
function keys(directory: string): Record<string, string> {
  const file = (name: string): string => join(directory, `${name}.pem`)
  const [key, certificate, both] = [file('key'), file('certificate'), file('both')]
  const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', '/CN=localhost']
  execFileSync('openssl', ['req', '-x509', ...made, '-keyout', key, '-out', certificate], { stdio: 'ignore' })
  writeFileSync(both, Buffer.concat([readFileSync(key), readFileSync(certificate)]))
  return { 'ssl.keyStore.location': both, 'ssl.trustStore.location': certificate, 'ssl.clientAuth': 'none' }
}

/** Answers in a second, of connections that have as many requests under way as they may. */
async function rateOf(open: () => Socket, event: string, request: RequestTemplate, seconds: number): Promise<number> {
  const load = { answers: 0 }
  const sockets = await Promise.all(Array.from({ length: CONNECTIONS }, () => begin(open(), event, request, load)))
  await delay(SETTLE_MS)
  const [before, began] = [load.answers, performance.now()]
  await delay(seconds * 1000)
  const rate = ((load.answers - before) / (performance.now() - began)) * 1000
  for (const socket of sockets) socket.destroy()
  return Math.round(rate)
}

/** Resolves once the connection is there; after the greeting it asks again as often as it is answered. */
function begin(socket: Socket, event: string, request: RequestTemplate, load: { answers: number }): Promise<Socket> {
  const all = Buffer.concat(Array.from({ length: DEPTH }, () => request.bytes))
  let left: Buffer = Buffer.alloc(0)
  let greeted = false
  socket.setNoDelay(true)
  socket.on('data', (bytes: Buffer) => {
    left = left.length === 0 ? bytes : Buffer.concat([left, bytes])
    let answers = 0
    let at = 0
    while (left.length - at >= 4 && left.length - at >= 4 + left.readInt32BE(at)) {
      if (greeted && left.readInt32BE(at + ERROR_AT) !== 0) throw new Error('a request was refused')
      at += 4 + left.readInt32BE(at)
      if (greeted) answers++
      else socket.write(all)
      greeted = true
    }
    left = left.subarray(at)
    load.answers += answers
    if (answers > 0) socket.write(all.subarray(0, answers * request.bytes.length))
  })
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.once(event, () => {
      socket.write(greeting)
      resolve(socket)
    })
  })
}
