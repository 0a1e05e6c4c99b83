import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { eventually } from '@vivarium/testing'
import { run } from '../install.ts'
import { freePort } from '../server-process.ts'

/** What becomes of a certificate at its authority. */
export type Fate = 'good' | 'revoked' | 'forgotten'

/** Where a certificate says that it can be asked about. */
export interface Places {
  readonly responder?: string
  readonly list?: string
}

/** A certificate authority that can be asked which of its certificates were revoked: OpenSSL's. */
export class Authority {
  readonly name: string
  readonly responder: string
  readonly #directory: string
  readonly #port: number
  readonly #index: string[] = []
  #serial = 0x1000
  #child: ChildProcess | null = null

  private constructor(directory: string, name: string, port: number) {
    this.name = name
    this.#directory = directory
    this.#port = port
    this.responder = `http://127.0.0.1:${port}`
  }

  /** @param from who signs its certificate; left out: itself */
  static async make(
    directory: string,
    name: string,
    from?: { by: Authority; fate: Fate; places: Places },
  ): Promise<Authority> {
    mkdirSync(directory, { recursive: true })
    const authority = new Authority(directory, name, await freePort())
    if (from === undefined) {
      const key = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '3650']
      const usage = ['-addext', 'keyUsage=critical,keyCertSign,cRLSign,digitalSignature']
      run('openssl', [
        ...key,
        '-keyout',
        authority.#path('key'),
        '-out',
        authority.#path('crt'),
        '-subj',
        `/CN=${name}`,
        ...usage,
      ])
    } else from.by.#sign(name, from.fate, from.places, authority)
    return authority
  }

  /** The PEM of its certificate. */
  get certificate(): string {
    return readFileSync(this.#path('crt'), 'utf8')
  }

  /** Signs a certificate for a client, and returns the PEM with its key, and with the chain that is to be shown. */
  issue(name: string, fate: Fate, places: Places, chain = ''): string {
    this.#sign(name, fate, places, null)
    const file = (ending: string): string => readFileSync(join(this.#directory, `${name}.${ending}`), 'utf8')
    return file('key') + file('crt') + chain
  }

  #sign(name: string, fate: Fate, { responder, list }: Places, authority: Authority | null): void {
    const path = (ending: string): string => join((authority ?? this).#directory, `${name}.${ending}`)
    const serial = (++this.#serial).toString(16).toUpperCase()
    const extensions = [
      authority === null ? 'subjectAltName=DNS:localhost,IP:127.0.0.1' : 'basicConstraints=critical,CA:true',
      ...(authority === null ? [] : ['keyUsage=critical,keyCertSign,cRLSign,digitalSignature']),
      ...(responder === undefined ? [] : [`authorityInfoAccess=OCSP;URI:${responder}`]),
      ...(list === undefined ? [] : [`crlDistributionPoints=URI:${list}`]),
    ]
    writeFileSync(path('ext'), extensions.join('\n'))
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
    run('openssl', ['req', ...curve, '-keyout', path('key'), '-out', path('csr'), '-subj', `/CN=${name}`])
    const by = ['-CA', this.#path('crt'), '-CAkey', this.#path('key'), '-set_serial', `0x${serial}`]
    run('openssl', [
      'x509',
      '-req',
      '-in',
      path('csr'),
      ...by,
      '-out',
      path('crt'),
      '-days',
      '3650',
      '-extfile',
      path('ext'),
    ])
    if (fate === 'forgotten') return
    const revoked = fate === 'revoked' ? ['R', '350101000000Z', '250101000000Z'] : ['V', '350101000000Z', '']
    this.#index.push([...revoked, serial, 'unknown', `/CN=${name}`].join('\t'))
  }

  /** The list of what it has revoked. @param days how long it holds: a negative number for one that does no more */
  list(days = 30): Buffer {
    this.#writeIndex()
    const settings = `[ca]\ndefault_ca=d\n[d]\ndatabase=${this.#path('index')}\ndefault_md=sha256\n`
    writeFileSync(this.#path('cnf'), settings)
    const times = (day: number): string =>
      new Date(Date.now() + day * 86_400_000).toISOString().replace(/[-T:]|\.\d+/g, '')
    const span =
      days < 0 ? ['-crl_lastupdate', times(days * 2), '-crl_nextupdate', times(days)] : ['-crldays', String(days)]
    const by = ['-cert', this.#path('crt'), '-keyfile', this.#path('key')]
    run('openssl', ['ca', '-config', this.#path('cnf'), '-gencrl', ...by, ...span, '-out', this.#path('crl')])
    return readFileSync(this.#path('crl'))
  }

  /** Answers questions about its certificates from here on. */
  async respond(): Promise<void> {
    this.#writeIndex()
    const own = ['-CA', this.#path('crt'), '-rsigner', this.#path('crt'), '-rkey', this.#path('key')]
    const args = [
      'ocsp',
      '-port',
      String(this.#port),
      '-index',
      this.#path('index'),
      ...own,
      '-nmin',
      '60',
      '-ignore_err',
    ]
    this.#child = spawn('openssl', args, { stdio: 'ignore' })
    // It takes one connection after the other, and waits on each until something is asked.
    await eventually(`${this.name} answers`, () =>
      fetch(this.responder).then(
        () => true,
        () => null,
      ),
    )
  }

  stop(): void {
    this.#child?.kill()
  }

  #writeIndex(): void {
    writeFileSync(this.#path('index'), `${this.#index.join('\n')}\n`)
    writeFileSync(`${this.#path('index')}.attr`, 'unique_subject = no\n')
  }

  #path(ending: string): string {
    return join(this.#directory, `${this.name}.${ending}`)
  }
}

/** Serves files by their names; what there is not has status 404. */
export class FileServer {
  readonly files = new Map<string, Uint8Array>()
  readonly #server: Server
  readonly port: number

  private constructor(server: Server, port: number) {
    this.#server = server
    this.port = port
    server.on('request', (request, response) => {
      const file = this.files.get(request.url ?? '')
      response.writeHead(file === undefined ? 404 : 200).end(file)
    })
  }

  static start(): Promise<FileServer> {
    const server = createServer()
    return new Promise((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve(new FileServer(server, (server.address() as { port: number }).port)))
    })
  }

  url(name: string): string {
    return `http://127.0.0.1:${this.port}/${name}`
  }

  stop(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }
}

export const removeAll = (directory: string): void => rmSync(directory, { recursive: true, force: true })
