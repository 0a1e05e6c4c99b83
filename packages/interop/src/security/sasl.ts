import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { digestMd5, ZooKeeper } from '@vivarium/client'
import { apacheJava } from '../apache.ts'
import { kazooPython } from '../clients/peers.ts'
import { type Checks, runProgram } from '../clients/run-checks.ts'
import type { EnsembleOptions } from '../ensembles/ensemble.ts'
import {
  type CheckReport,
  check,
  checkRoles,
  checkRollingSteps,
  withEnsemble,
  writeMeanwhile,
} from '../ensembles/roles.ts'
import { type ServerKind, ServerProcess } from '../server-process.ts'

const LOGIN = 'org.apache.zookeeper.server.auth.DigestLoginModule required'

const jaas = (password: string): string => `
Server { ${LOGIN} user_bob="secret" user_super="admin"; };
Client { ${LOGIN} username="bob" password="${password}"; };
QuorumServer { ${LOGIN} user_member="ensemble"; };
QuorumLearner { ${LOGIN} username="member" password="${password === 'secret' ? 'ensemble' : password}"; };
`

/** A directory with JAAS files: `good.conf`, and `bad.conf` with passwords that are wrong. */
function jaasFiles(): string {
  const directory = mkdtempSync(join(tmpdir(), 'interop-jaas-'))
  writeFileSync(join(directory, 'good.conf'), jaas('secret'))
  writeFileSync(join(directory, 'bad.conf'), jaas('guess'))
  return directory
}

const KAZOO = `
import sys
from kazoo.client import KazooClient
from kazoo.security import ACL, Id
port, password = sys.argv[1:]
options = {'mechanism': 'DIGEST-MD5', 'username': 'bob', 'password': password}
zk = KazooClient(hosts='localhost:' + port, sasl_options=options)
try:
    zk.start(timeout=30)
    print('read', zk.get('/own')[0].decode())
except Exception as error:
    print('failed', type(error).__name__)
`

/** Apache's client, kazoo and our own authenticate by DIGEST-MD5 at a server of this kind, or fail to. */
export async function checkSaslClients(kind: ServerKind): Promise<Checks> {
  const checks: Checks = { passed: [], failed: [] }
  const expect = (what: string, output: string, wanted: string): void => {
    if (output.includes(wanted)) checks.passed.push(`${what}: ${wanted}`)
    else checks.failed.push(`${what}: no ${wanted} in: ${output.slice(-1500)}`)
  }
  const directory = jaasFiles()
  const server = await ServerProcess.start(kind, {
    config: {
      tickTime: '500',
      forceSync: 'no',
      'authProvider.1': 'org.apache.zookeeper.server.auth.SASLAuthenticationProvider',
    },
    system: { 'java.security.auth.login.config': join(directory, 'good.conf') },
  })
  try {
    const address = `localhost:${server.port}`
    const shell = async (file: string, commands: string): Promise<string> => {
      const args = apacheJava('org.apache.zookeeper.ZooKeeperMain', ['-server', address], {
        'zk.log': 'OFF',
        'zookeeper.fips-mode': 'false',
        'java.security.auth.login.config': join(directory, file),
      })
      return (await runProgram({ file: 'java', args }, [], `${commands}\nquit\n`)).output
    }
    const java = await shell('good.conf', 'whoami\ncreate /own x sasl:bob:cdrwa\nget /own')
    expect('java', java, 'sasl: bob')
    expect('java', java, '\nx\n')
    expect('java with a wrong password', await shell('bad.conf', 'ls /'), 'AuthFailed')
    for (const [password, said] of [
      ['secret', 'read x'],
      ['guess', 'failed AuthFailedError'],
    ] as const) {
      const python = { file: kazooPython(), args: ['-c', KAZOO, String(server.port), password] }
      expect('kazoo', (await runProgram(python, [], '')).output, said)
    }
    const zk = await ZooKeeper.connect(address, { sasl: digestMd5({ user: 'bob', password: 'secret' }) })
    expect('ours', Buffer.from((await zk.getData('/own')).data ?? []).toString(), 'x')
    await zk.close()
    const refused = ZooKeeper.connect(address, { sasl: digestMd5({ user: 'bob', password: 'guess' }) })
    expect('ours with a wrong password', await refused.then(String, String), 'AUTHFAILED')
  } catch (error) {
    checks.failed.push(`${error instanceof Error ? error.stack : error}: ${server.logTail()}`)
  } finally {
    await server.dispose()
    rmSync(directory, { recursive: true, force: true })
  }
  return checks
}

const QUORUM_SASL = {
  'quorum.auth.enableSasl': 'true',
  'quorum.auth.learnerRequireSasl': 'true',
  'quorum.auth.serverRequireSasl': 'true',
  // DIGEST-MD5 is not among what FIPS 140 allows.
  'fips-mode': 'false',
}

function optionsWith(directory: string): EnsembleOptions {
  return { config: QUORUM_SASL, system: { 'java.security.auth.login.config': join(directory, 'good.conf') } }
}

/** All roles, with members that authenticate to each other. */
export async function checkSaslRoles(kinds: readonly ServerKind[]): Promise<CheckReport> {
  const directory = jaasFiles()
  try {
    return await checkRoles(kinds, optionsWith(directory))
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** A member that does not know the password, or does not authenticate at all, does not get in. */
export async function checkSaslStrangers(kinds: readonly ServerKind[]): Promise<CheckReport> {
  const directory = jaasFiles()
  try {
    return await withEnsemble(kinds.length, optionsWith(directory), async (ensemble, report) => {
      const kindOf = (sid: number): ServerKind => kinds[sid - 1] as ServerKind
      const stranger = ensemble.member(1)
      const bad = { ...stranger.system, 'java.security.auth.login.config': join(directory, 'bad.conf') }
      await ensemble.start(kindOf, [2, 3])
      for (const [what, config, system] of [
        ['with a wrong password', QUORUM_SASL, bad],
        ['without one', Object.fromEntries(Object.keys(QUORUM_SASL).map((key) => [key, 'false'])), stranger.system],
      ] as const) {
        Object.assign(stranger.config, config)
        Object.assign(stranger, { system })
        await stranger.start(kindOf(1))
        await writeMeanwhile(ensemble.member(2), what)
        check(report, `${what} it is not let in`, (await stranger.mode()) === null)
        await stranger.stop()
      }
    })
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** An ensemble whose members trust whoever calls begins to authenticate, member by member, in three steps. */
export async function checkRollingSasl(kinds: readonly ServerKind[]): Promise<CheckReport> {
  const directory = jaasFiles()
  const { config, ...options } = optionsWith(directory)
  const STEPS = [
    { ...config, 'quorum.auth.learnerRequireSasl': 'false', 'quorum.auth.serverRequireSasl': 'false' },
    { ...config, 'quorum.auth.serverRequireSasl': 'false' },
    { ...config },
  ]
  try {
    return await checkRollingSteps(kinds, options, STEPS)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
