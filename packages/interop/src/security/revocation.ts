import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { connectFrame } from '../records.ts'
import { freePort, type ServerKind } from '../server-process.ts'
import { fixture } from './fixtures.ts'
import { Authority, FileServer, removeAll } from './pki.ts'
import { startSecure } from './tls-clients.ts'

const SETTINGS = {
  neither: {},
  crl: { 'ssl.crl': 'true' },
  ocsp: { 'ssl.ocsp': 'true' },
  both: { 'ssl.crl': 'true', 'ssl.ocsp': 'true' },
}

/**
 * Which of many clients a server lets in, whose certificates were revoked or not, and can be asked about in one way or
 * another: a line for each.
 */
export async function revocationAnswers(kind: ServerKind): Promise<string[]> {
  const directory = mkdtempSync(join(tmpdir(), 'interop-revocation-'))
  const files = await FileServer.start()
  const root = await Authority.make(join(directory, 'root'), 'root')
  const authorities = [root]
  const lines: string[] = []
  try {
    const dead = `http://127.0.0.1:${await freePort()}`
    const responder = root.responder
    const list = files.url('root.crl')
    const clients = new Map<string, string>()
    for (const fate of ['good', 'revoked'] as const) {
      const issue = (name: string, places: Parameters<Authority['issue']>[2]): void =>
        void clients.set(`${fate}, ${name}`, root.issue(`${fate}-${clients.size}`, fate, places))
      issue('both', { responder, list })
      issue('a responder', { responder })
      issue('a list', { list })
      issue('neither', {})
      issue('a dead responder and a list', { responder: dead, list })
      issue('a dead responder', { responder: dead })
      issue('a missing list and a responder', { responder, list: files.url('none') })
      issue('a missing list', { list: files.url('none') })
      issue('an old list', { list: files.url('old.crl') })
      issue('a list that is none', { list: files.url('rubbish') })
    }
    clients.set('forgotten, both', root.issue('forgotten', 'forgotten', { responder, list }))
    clients.set('forgotten, a responder', root.issue('forgotten-too', 'forgotten', { responder }))
    for (const fate of ['good', 'revoked'] as const) {
      const name = `${fate}-middle`
      const from = { by: root, fate, places: { responder, list } }
      const middle = await Authority.make(join(directory, name), name, from)
      authorities.push(middle)
      const places = { responder: middle.responder, list: files.url(`${name}.crl`) }
      clients.set(`good, below a ${fate} authority`, middle.issue('below', 'good', places, middle.certificate))
      clients.set(`revoked, below a ${fate} authority`, middle.issue('lost', 'revoked', places, middle.certificate))
      files.files.set(`/${name}.crl`, middle.list())
    }
    files.files.set('/root.crl', root.list())
    files.files.set('/old.crl', root.list(-1))
    files.files.set('/rubbish', Buffer.from('rubbish'))
    for (const authority of authorities) await authority.respond()
    const trustStore = join(directory, 'trust.pem')
    writeFileSync(trustStore, root.certificate)
    for (const [settings, config] of Object.entries(SETTINGS)) {
      const { server, port } = await startSecure(kind, { trustStore, config })
      try {
        const ask = async ([name, pem]: [string, string]): Promise<string> =>
          `${settings}, ${name}: ${await outcome(port, pem)}`
        lines.push(...(await Promise.all([...clients].map(ask))))
      } finally {
        await server.dispose()
      }
    }
  } finally {
    for (const authority of authorities) authority.stop()
    files.stop()
    removeAll(directory)
  }
  return lines
}

/** How often one tries who is refused: the server may have found nothing out in time, as on a busy machine. */
const ATTEMPTS = 3

async function outcome(port: number, pem: string): Promise<string> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) if (await isLetIn(port, pem)) return 'let in'
  return 'refused'
}

/** Whether the server answers a client, rather than hang up on it. */
function isLetIn(port: number, pem: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, ca: readFileSync(fixture('ca.pem')), cert: pem, key: pem })
    socket.write(connectFrame({ readOnly: false }))
    socket.once('data', () => {
      resolve(true)
      socket.destroy()
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(false))
  })
}
