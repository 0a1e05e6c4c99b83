import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '@vivarium/testing'
import { run } from '../install.ts'
import { freePort } from '../server-process.ts'

export const REALM = 'TEST.EXAMPLE'

/** Debian has them where only root looks. */
const PATH = `${process.env.PATH}:/usr/sbin:/sbin`

/** A Kerberos of its own: MIT's KDC, from the packages krb5-kdc, krb5-admin-server and krb5-user. */
export class Kdc {
  readonly directory: string
  readonly #child: ChildProcess
  readonly #env: NodeJS.ProcessEnv

  private constructor(directory: string, child: ChildProcess, env: NodeJS.ProcessEnv) {
    this.directory = directory
    this.#child = child
    this.#env = env
  }

  /** Throws `PeerUnavailable` where there are no such packages. */
  static async start(): Promise<Kdc> {
    const directory = mkdtempSync(join(tmpdir(), 'interop-kdc-'))
    const port = await freePort()
    writeFileSync(join(directory, 'krb5.conf'), configuration(port))
    writeFileSync(join(directory, 'kdc.conf'), kdcConfiguration(directory, port))
    const env = {
      ...process.env,
      PATH,
      KRB5_CONFIG: join(directory, 'krb5.conf'),
      KRB5_KDC_PROFILE: join(directory, 'kdc.conf'),
    }
    run('kdb5_util', ['create', '-s', '-r', REALM, '-P', 'master'], { env })
    const child = spawn('krb5kdc', ['-n', '-r', REALM], { env, stdio: 'ignore' })
    const kdc = new Kdc(directory, child, env)
    await eventually('the KDC listens', () => listens(port))
    return kdc
  }

  /** The configuration that its clients need. */
  get config(): string {
    return join(this.directory, 'krb5.conf')
  }

  /** Makes a principal, and a file with its keys. */
  keyTab(principal: string): string {
    const path = join(this.directory, `${principal.replaceAll('/', '-')}.keytab`)
    const admin = (command: string): string => run('kadmin.local', ['-r', REALM, '-q', command], { env: this.#env })
    admin(`addprinc -randkey ${principal}`)
    admin(`ktadd -k ${path} ${principal}`)
    return path
  }

  /** What a program needs that is to be the principal with these keys. */
  environment(keyTab: string, name: string): NodeJS.ProcessEnv {
    return { KRB5_CONFIG: this.config, KRB5_CLIENT_KTNAME: keyTab, KRB5CCNAME: join(this.directory, `${name}.ccache`) }
  }

  stop(): void {
    this.#child.kill()
    rmSync(this.directory, { recursive: true, force: true })
  }
}

const listens = (port: number): Promise<true | null> =>
  new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port })
    socket.once('connect', () => resolve(true)).once('error', () => resolve(null))
    socket.once('connect', () => socket.destroy())
  })

const configuration = (port: number): string => `
[libdefaults]
  default_realm = ${REALM}
  dns_lookup_kdc = false
  dns_lookup_realm = false
  dns_canonicalize_hostname = false
  rdns = false
  udp_preference_limit = 1
[realms]
  ${REALM} = {
    kdc = 127.0.0.1:${port}
  }
`

const kdcConfiguration = (directory: string, port: number): string => `
[kdcdefaults]
  kdc_listen = ""
  kdc_tcp_listen = 127.0.0.1:${port}
[realms]
  ${REALM} = {
    database_name = ${directory}/principal
    key_stash_file = ${directory}/stash
    acl_file = ${directory}/kadm5.acl
    max_life = 10h
  }
[logging]
  kdc = FILE:${directory}/kdc.log
`
