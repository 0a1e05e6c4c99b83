import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectSecurely } from 'node:tls'
import { median } from '../compare/results.ts'
import type { RequestTemplate } from '../load/request-template.ts'
import { freePort, RawClient, ServerProcess, VIVARIUM } from './interop.ts'
import { DATA, READ, RequestLoad, WRITE } from './request-load.ts'

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

/** Answers in a second. */
async function rateOf(open: () => Socket, event: string, request: RequestTemplate, seconds: number): Promise<number> {
  const load = await RequestLoad.begin(open, event, request)
  const rate = await load.rateFor(seconds)
  load.end()
  return rate
}
