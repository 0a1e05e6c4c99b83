import { readFileSync } from 'node:fs'
import { ZooKeeper } from '@vivarium/client'
import { apacheJava } from '../apache.ts'
import { kazooPython } from '../clients/peers.ts'
import { type Checks, runProgram } from '../clients/run-checks.ts'
import { APACHE, freePort, type ServerKind, ServerProcess } from '../server-process.ts'
import { ALICE, fixture } from './fixtures.ts'

export interface SecureServerOptions {
  readonly keyStore?: string
  readonly trustStore?: string
  readonly config?: Readonly<Record<string, string>>
}

/** A server with a port for encrypted connections besides the plain one. */
export async function startSecure(
  kind: ServerKind,
  { keyStore = fixture('server.pem'), trustStore = fixture('ca.pem'), config = {} }: SecureServerOptions = {},
): Promise<{ server: ServerProcess; port: number }> {
  const port = await freePort()
  const server = await ServerProcess.start(kind, {
    config: {
      tickTime: '500',
      forceSync: 'no',
      secureClientPort: String(port),
      secureClientPortAddress: '127.0.0.1',
      'ssl.keyStore.location': keyStore,
      // Apache takes an unlocked PEM file for a locked one if it is given a password.
      ...(keyStore.endsWith('.pem') ? {} : { 'ssl.keyStore.password': 'changeit' }),
      'ssl.trustStore.location': trustStore,
      'ssl.trustStore.password': 'changeit',
      ...config,
    },
    // Apache reads it before it has read its configuration.
    ...(kind === APACHE
      ? { system: { 'zookeeper.serverCnxnFactory': 'org.apache.zookeeper.server.NettyServerCnxnFactory' } }
      : {}),
  })
  return { server, port }
}

/** Stores that stand in zoo.cfg itself, as only our servers have them: PEM as it is, others in base64. */
export function inlineStores(keyStore: string, trustStore: string): SecureServerOptions {
  const text = (name: string): string => {
    const bytes = readFileSync(fixture(name))
    return name.endsWith('.pem') ? bytes.toString('latin1').trim().replaceAll('\n', '\\\n') : bytes.toString('base64')
  }
  const inline = { 'ssl.keyStore.inline': text(keyStore), 'ssl.trustStore.inline': text(trustStore) }
  return {
    config: {
      'ssl.keyStore.location': '',
      'ssl.trustStore.location': '',
      'ssl.keyStore.password': 'changeit',
      ...inline,
    },
  }
}

/** What Apache's client encrypts with, as system properties. */
export const javaTls = (certificate = 'alice.pem'): Record<string, string> => ({
  'zk.log': 'OFF',
  'zookeeper.clientCnxnSocket': 'org.apache.zookeeper.ClientCnxnSocketNetty',
  'zookeeper.client.secure': 'true',
  'zookeeper.ssl.keyStore.location': fixture(certificate),
  'zookeeper.ssl.trustStore.location': fixture('ca.pem'),
})

/** Apache's shell over TLS, with a certificate of its own. */
export async function javaSays(port: number, commands: string, certificate?: string): Promise<string> {
  const args = apacheJava('org.apache.zookeeper.ZooKeeperMain', ['-server', `localhost:${port}`], javaTls(certificate))
  return (await runProgram({ file: 'java', args }, [], `${commands}\nquit\n`)).output
}

const KAZOO = `
import sys
from kazoo.client import KazooClient
from kazoo.security import ACL, Id
port, certificate, ca = sys.argv[1:]
zk = KazooClient(hosts='localhost:' + port, use_ssl=True, verify_certs=True, ca=ca, certfile=certificate, keyfile=certificate)
zk.start(timeout=30)
zk.create('/kazoo', b'x' * 500000, acl=[ACL(31, Id('x509', '${ALICE}'))])
print('read', len(zk.get('/kazoo')[0]))
zk.delete('/kazoo')
zk.stop()
`

/** Apache's client, kazoo and our own, with a certificate, at a server of this kind. */
export async function checkTlsClients(kind: ServerKind, options: SecureServerOptions = {}): Promise<Checks> {
  const checks: Checks = { passed: [], failed: [] }
  const expect = (what: string, output: string, ...wanted: string[]): void => {
    for (const text of wanted) {
      if (output.includes(text)) checks.passed.push(`${what}: ${text}`)
      else checks.failed.push(`${what}: no ${text} in: ${output.slice(-1500)}`)
    }
  }
  const { server, port } = await startSecure(kind, options)
  try {
    const commands = ['whoami', 'create /own x auth::cdrwa', 'getAcl /own', 'get /own']
    expect('java', await javaSays(port, commands.join('\n')), `x509: ${ALICE}`, "'x509,'CN=alice", '\nx\n')
    const python = { file: kazooPython(), args: ['-c', KAZOO, String(port), fixture('alice.pem'), fixture('ca.pem')] }
    expect('kazoo', (await runProgram(python, [], '')).output, 'read 500000')

    const tls = { caFile: fixture('ca.pem'), certFile: fixture('alice.pem'), keyFile: fixture('alice.pem') }
    const zk = await ZooKeeper.connect(`localhost:${port}`, { tls })
    const { data } = await zk.getData('/own')
    expect('ours', Buffer.from(data ?? []).toString(), 'x')
    await zk.close()
    const plain = await ZooKeeper.connect(`127.0.0.1:${server.port}`)
    expect('in the clear', await plain.getData('/own').then(String, String), 'NOAUTH')
    await plain.close()
  } catch (error) {
    checks.failed.push(`${error instanceof Error ? error.stack : error}: ${server.logTail()}`)
  } finally {
    await server.dispose()
  }
  return checks
}
