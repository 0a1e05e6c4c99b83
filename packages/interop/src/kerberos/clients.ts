import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { gssapi, type KerberosPackage, ZooKeeper } from '@vivarium/client'
import { apacheJava } from '../apache.ts'
import { type Checks, runProgram } from '../clients/run-checks.ts'
import { cached, REPOSITORY, run } from '../install.ts'
import { type ServerKind, ServerProcess } from '../server-process.ts'
import { writeJaas } from './jaas.ts'
import { Kdc, REALM } from './kdc.ts'

/** The npm package that our client is given. It is compiled here: what it would fetch is not on every registry. */
function kerberosPackage(): KerberosPackage {
  const folder = cached('kerberos', ['kerberos@7.0.0'], (made) => {
    run('npm', ['install', '--prefix', made, '--ignore-scripts', '--no-audit', '--no-fund', 'kerberos@7.0.0'])
    run('npm', ['rebuild', '--prefix', made, 'kerberos'])
  })
  return createRequire(join(folder, 'package.json'))('kerberos') as KerberosPackage
}

const SHELL = join(REPOSITORY, 'packages', 'cli', 'bin', 'vivarium.js')

const KAZOO = ['kazoo==2.10.0', 'pure-sasl==0.6.2', 'kerberos==1.3.1']

function kazooWithKerberos(): string {
  const folder = cached('python-kerberos', KAZOO, (made) => {
    run('python3', ['-m', 'venv', made])
    run(join(made, 'bin', 'pip'), ['install', '--quiet', '--disable-pip-version-check', ...KAZOO])
  })
  return join(folder, 'bin', 'python')
}

const KAZOO_PROGRAM = `
import sys
from kazoo.client import KazooClient
zk = KazooClient(hosts='localhost:' + sys.argv[1], sasl_options={'mechanism': 'GSSAPI'})
try:
    zk.start(timeout=30)
    print('read', zk.get('/own')[0].decode())
except Exception as error:
    print('failed', type(error).__name__)
`

const REMOVED = { 'kerberos.removeHostFromPrincipal': 'true', 'kerberos.removeRealmFromPrincipal': 'true' }

/** How ids may be shortened, and what becomes of that of alice. */
const SHORTENED = {
  [`alice@${REALM}`]: {},
  alice: REMOVED,
  user_alice: { ...REMOVED, 'security.auth_to_local': 'RULE:[1:user_$1@$0](user_.*)s/@.*// DEFAULT' },
}

/** Apache's client, kazoo and our own authenticate by Kerberos at a server of this kind, or fail to. */
export async function checkKerberosClients(kind: ServerKind): Promise<Checks> {
  const checks: Checks = { passed: [], failed: [] }
  const expect = (what: string, output: string, wanted: string): void => {
    if (output.includes(wanted)) checks.passed.push(`${what}: ${wanted}`)
    else checks.failed.push(`${what}: no ${wanted} in: ${output.slice(-1500)}`)
  }
  const kerberos = kerberosPackage()
  const python = kazooWithKerberos()
  const kdc = await Kdc.start()
  try {
    const { alice, mallory } = writeJaas(kdc)
    const system = {
      'java.security.auth.login.config': join(kdc.directory, 'good.conf'),
      'java.security.krb5.conf': kdc.config,
    }
    for (const [id, settings] of Object.entries(SHORTENED)) {
      const config = { 'authProvider.1': 'org.apache.zookeeper.server.auth.SASLAuthenticationProvider', ...settings }
      const server = await ServerProcess.start(kind, { config, system })
      const address = `localhost:${server.port}`
      try {
        const args = apacheJava('org.apache.zookeeper.ZooKeeperMain', ['-server', address], {
          'zk.log': 'OFF',
          ...system,
        })
        const commands = `whoami\ncreate /own x sasl:${id}:cdrwa\nget /own\nquit\n`
        const java = (await runProgram({ file: 'java', args }, [], commands)).output
        expect('java', java, `sasl: ${id}`)
        expect('java', java, '\nx\n')
        for (const [name, keyTab, said] of [
          ['alice', alice, 'read x'],
          ['mallory', mallory, 'failed NoAuthError'],
        ] as const) {
          const env = { ...process.env, ...kdc.environment(keyTab, `kazoo-${name}`) }
          const program = { file: python, args: ['-c', KAZOO_PROGRAM, String(server.port)], env }
          expect(`kazoo as ${name}`, (await runProgram(program, [], '')).output, said)
        }
        for (const [name, keyTab, said] of [
          ['alice', alice, 'x'],
          ['mallory', mallory, 'NOAUTH'],
        ] as const) {
          Object.assign(process.env, kdc.environment(keyTab, `ours-${name}`))
          const zk = await ZooKeeper.connect(address, { sasl: gssapi(kerberos) })
          const read = await zk.getData('/own').then(({ data }) => Buffer.from(data ?? []).toString(), String)
          expect(`ours as ${name}`, read, said)
          await zk.close()
        }
        for (const name of Object.keys(kdc.environment('', ''))) delete process.env[name]
        for (const [name, said] of [
          ['good', 'x'],
          ['mallory', 'Insufficient permission : /own'],
        ] as const) {
          const configuration = join(kdc.directory, 'client.properties')
          const jaas = `java.security.auth.login.config=${join(kdc.directory, `${name}.conf`)}`
          writeFileSync(configuration, `${jaas}\njava.security.krb5.conf=${kdc.config}\n`)
          const options = ['--quiet', '-server', address, '-client-configuration', configuration]
          const program = { file: process.execPath, args: [SHELL, ...options, 'get', '/own'] }
          expect(`our shell as ${name}`, (await runProgram(program, [], '')).output, said)
        }
        Object.assign(process.env, kdc.environment('/none.keytab', 'nobody'))
        const refused = await ZooKeeper.connect(address, { sasl: gssapi(kerberos) }).then(String, String)
        expect('ours without keys', refused, 'AUTHFAILED')
      } catch (error) {
        checks.failed.push(`${inspect(error)}: ${server.logTail()}`)
      } finally {
        await server.dispose()
      }
    }
  } finally {
    for (const name of Object.keys(kdc.environment('', ''))) delete process.env[name]
    kdc.stop()
  }
  return checks
}
