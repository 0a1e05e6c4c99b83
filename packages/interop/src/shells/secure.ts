import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Checks } from '../clients/run-checks.ts'
import { REPOSITORY, run } from '../install.ts'
import { APACHE, freePort, ServerProcess } from '../server-process.ts'
import { ApacheShell } from './apache-shell.ts'

const VIVARIUM = join(REPOSITORY, 'packages', 'cli', 'bin', 'vivarium.js')
const PASSWORD = 'changeit'

/**
 * Reaches a server of Apache's that asks for certificates and takes SASL, as the client configuration of its own shell
 * says, and by options of ours.
 */
export async function reachSecurely(): Promise<Checks> {
  const folder = mkdtempSync(join(tmpdir(), 'interop-secure-'))
  try {
    makeStores(folder)
    const securePort = await freePort()
    const server = await ServerProcess.start(APACHE, {
      config: {
        secureClientPort: String(securePort),
        serverCnxnFactory: 'org.apache.zookeeper.server.NettyServerCnxnFactory',
        'ssl.keyStore.location': join(folder, 'server.p12'),
        'ssl.keyStore.password': PASSWORD,
        'ssl.trustStore.location': join(folder, 'trust.p12'),
        'ssl.trustStore.password': PASSWORD,
        'ssl.clientAuth': 'need',
      },
      system: {
        'java.security.auth.login.config': join(folder, 'jaas.conf'),
        'zookeeper.authProvider.sasl': 'org.apache.zookeeper.server.auth.SASLAuthenticationProvider',
      },
    })
    try {
      return await check(folder, `127.0.0.1:${securePort}`, server)
    } finally {
      await server.dispose()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function check(folder: string, address: string, server: ServerProcess): Promise<Checks> {
  const at = (name: string): string => join(folder, name)
  const checks: Checks = { passed: [], failed: [] }
  const expect = (what: string, answer: RegExp, args: readonly string[], env: NodeJS.ProcessEnv = {}): void => {
    const options = { encoding: 'utf8', env: { ...process.env, ...env }, timeout: 30_000 } as const
    const { stdout, stderr } = spawnSync(process.execPath, [VIVARIUM, '--quiet', '-server', ...args, 'whoami'], options)
    if (answer.test(`${stdout}${stderr}`)) checks.passed.push(what)
    else checks.failed.push(`${what}: ${stdout}${stderr}`)
  }
  const x509 = /^x509: CN=client$/m
  const jaas = `-Djava.security.auth.login.config=${at('jaas.conf')}`
  const secure = (store: string, trust: string): string => `zookeeper.client.secure=true
zookeeper.clientCnxnSocket=org.apache.zookeeper.ClientCnxnSocketNetty
zookeeper.ssl.keyStore.location=${at(store)}
zookeeper.ssl.trustStore.location=${at(trust)}
zookeeper.ssl.hostnameVerification=false
`
  writeFileSync(at('password'), PASSWORD)
  const passwords = `zookeeper.ssl.keyStore.password=${PASSWORD}\nzookeeper.ssl.trustStore.passwordPath=${at('password')}\n`
  writeFileSync(at('p12.properties'), `${secure('client.p12', 'trust.p12')}${passwords}`)
  writeFileSync(at('jks.properties'), `${secure('client.jks', 'trust.p12')}${passwords}`)
  writeFileSync(at('pem.properties'), secure('client.pem', 'trust.pem'))
  const theirs = await ApacheShell.start(address, ['-client-configuration', at('p12.properties')])
  const { out } = await theirs.run('whoami')
  await theirs.end()
  if (out.some((line) => x509.test(line))) checks.passed.push("Apache's shell with PKCS#12")
  else checks.failed.push(`Apache's shell with PKCS#12: ${out}`)

  expect('PKCS#12', x509, [address, '-client-configuration', at('p12.properties')])
  expect('JKS', x509, [address, '-client-configuration', at('jks.properties')])
  expect('PEM', x509, [address, '-client-configuration', at('pem.properties')])
  const flags = secure('client.p12', 'trust.p12').trim().split('\n')
  const CLIENT_JVMFLAGS = [...flags, ...passwords.trim().split('\n')].map((line) => `-D${line}`).join(' ')
  expect('CLIENT_JVMFLAGS', x509, [address], { CLIENT_JVMFLAGS })
  const own = [address, '--tls-ca', at('trust.pem'), '--tls-cert', at('client.pem')]
  expect('options of our own', x509, [...own, '--tls-server-name', 'localhost'])
  expect('a name that is another', /is not in the cert|does not match/, [
    ...own,
    '--tls-server-name',
    'elsewhere',
    '-timeout',
    '4000',
  ])
  expect('SASL over TLS', /^sasl: bob$/m, [...own, '--tls-any-name', '--sasl-user', 'bob'], {
    VIVARIUM_SASL_PASSWORD: 'secret',
  })
  const plain = `127.0.0.1:${server.port}`
  expect('SASL of a JAAS configuration', /^sasl: bob$/m, [plain], { CLIENT_JVMFLAGS: jaas })
  expect('a wrong password', /auth|denied|closed/i, [plain, '--sasl-user', 'bob', '-timeout', '4000'], {
    VIVARIUM_SASL_PASSWORD: 'wrong',
  })
  return checks
}

/** Two certificates, a store that trusts both, the same in PEM, and a JAAS configuration. */
function makeStores(folder: string): void {
  const keytool = (...args: string[]): string => run('keytool', [...args, '-storepass', PASSWORD], { cwd: folder })
  for (const [name, extension] of [
    ['server', 'SAN=DNS:localhost'],
    ['client', 'SAN=DNS:client'],
  ] as const) {
    const key = [
      '-genkeypair',
      '-alias',
      name,
      '-keyalg',
      'EC',
      '-dname',
      `CN=${name}`,
      '-ext',
      extension,
      '-validity',
      '365',
    ]
    keytool(...key, '-storetype', 'PKCS12', '-keystore', `${name}.p12`)
    const certificate = keytool('-exportcert', '-rfc', '-alias', name, '-keystore', `${name}.p12`)
    writeFileSync(join(folder, `${name}.crt`), certificate)
    keytool(
      '-importcert',
      '-noprompt',
      '-alias',
      name,
      '-file',
      `${name}.crt`,
      '-storetype',
      'PKCS12',
      '-keystore',
      'trust.p12',
    )
  }
  run('sh', ['-c', 'cat server.crt client.crt > trust.pem'], { cwd: folder })
  keytool(
    '-importkeystore',
    '-srckeystore',
    'client.p12',
    '-srcstorepass',
    PASSWORD,
    '-destkeystore',
    'client.jks',
    '-deststoretype',
    'JKS',
  )
  const pem = ['pkcs12', '-in', 'client.p12', '-nodes', '-passin', `pass:${PASSWORD}`, '-out', 'client.pem']
  run('openssl', pem, { cwd: folder })
  const module = 'org.apache.zookeeper.server.auth.DigestLoginModule required'
  const jaas = `Server { ${module} user_bob="secret"; };\nClient { ${module} username="bob" password="secret"; };\n`
  writeFileSync(join(folder, 'jaas.conf'), jaas)
}
