import { readFileSync } from 'node:fs'
import type { TlsConnectOptions, ZooKeeperOptions } from '@vivarium/client'
import { digestMd5 } from '@vivarium/client'
import { openSslCiphers, parseProperties, systemProperties } from '@vivarium/server'
import { jaasLogin } from './jaas.ts'
import { kerberosLogin } from './kerberos-login.ts'
import { keyStore, refuse, type Store, trustStore } from './stores.ts'

/** What the options say of how to reach the servers, and as whom. */
export interface SecurityFlags {
  /** A file of properties as Java's client has them. */
  readonly clientConfiguration: string | undefined
  readonly tls: boolean
  readonly tlsCa: string | undefined
  readonly tlsCert: string | undefined
  readonly tlsKey: string | undefined
  readonly tlsPfx: string | undefined
  readonly tlsPassphraseFile: string | undefined
  readonly tlsServerName: string | undefined
  readonly tlsAnyName: boolean
  readonly saslUser: string | undefined
  readonly saslPasswordFile: string | undefined
}

export type ClientSettings = Pick<
  ZooKeeperOptions,
  'tls' | 'sasl' | 'requestTimeoutMs' | 'maxRequestBytes' | 'maxReplyBytes'
>

/** Where the password stands if there is no file for it. */
const PASSWORD_VARIABLE = 'VIVARIUM_SASL_PASSWORD'

/**
 * What a client needs to reach the servers: from the `-D`s that zkCli.sh takes from the environment, over them the file
 * of `-client-configuration`, over that the options.
 *
 * @throws {CliError} with exit code 2 for what cannot be read, or is not supported
 */
export function clientSettings(flags: SecurityFlags, environment: NodeJS.ProcessEnv): ClientSettings {
  const properties = fromEnvironment(environment)
  if (flags.clientConfiguration !== undefined) {
    for (const [key, value] of readConfiguration(flags.clientConfiguration)) properties.set(key, value)
  }
  const java = new JavaProperties(properties)
  return {
    tls: ownTls(flags) ?? java.tls(),
    sasl: ownSasl(flags, environment) ?? java.sasl(),
    requestTimeoutMs: java.positive('zookeeper.request.timeout'),
    maxRequestBytes: java.positive('jute.maxbuffer'),
    maxReplyBytes: java.positive('jute.maxbuffer'),
  }
}

/** How the `-D`s that zkCli.sh takes from the environment encrypt; undefined: not. @throws {CliError} */
export const javaTls = (environment: NodeJS.ProcessEnv): TlsConnectOptions | undefined =>
  new JavaProperties(fromEnvironment(environment)).tls()

function fromEnvironment(environment: NodeJS.ProcessEnv): Map<string, string> {
  const properties = systemProperties(environment, ['CLIENT_JVMFLAGS', 'JVMFLAGS'])
  return new Map(properties.map(({ key, value }) => [key, value]))
}

/** A file as text. @throws {CliError} */
export function readText(path: string, what: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw refuse(`${what} cannot be read: ${(error as Error).message}`)
  }
}

function readConfiguration(path: string): [string, string][] {
  const { properties, errors } = parseProperties(readText(path, 'the client configuration'))
  const [first] = errors
  if (first !== undefined) throw refuse(`${path}:${first.line}: ${first.problem}`)
  return properties.map(({ key, value }) => [key, value])
}

function ownTls(flags: SecurityFlags): TlsConnectOptions | undefined {
  const { tlsCa, tlsCert, tlsKey, tlsPfx, tlsPassphraseFile, tlsServerName, tlsAnyName } = flags
  const files = [tlsCa, tlsCert, tlsKey, tlsPfx, tlsPassphraseFile, tlsServerName]
  if (!flags.tls && !tlsAnyName && files.every((value) => value === undefined)) return undefined
  for (const path of [tlsCa, tlsCert, tlsKey, tlsPfx]) if (path !== undefined) readText(path, path)
  return {
    caFile: tlsCa,
    certFile: tlsCert,
    keyFile: tlsKey ?? tlsCert,
    pfxFile: tlsPfx,
    passphrase: tlsPassphraseFile === undefined ? undefined : firstLine(tlsPassphraseFile),
    serverName: tlsServerName,
    verifyHostname: !tlsAnyName,
  }
}

function ownSasl(
  { saslUser, saslPasswordFile }: SecurityFlags,
  environment: NodeJS.ProcessEnv,
): ClientSettings['sasl'] {
  if (saslUser === undefined) return undefined
  const password = saslPasswordFile === undefined ? environment[PASSWORD_VARIABLE] : firstLine(saslPasswordFile)
  if (password === undefined) {
    throw refuse(`--sasl-user needs a password: in a file (--sasl-password-file), or in ${PASSWORD_VARIABLE}`)
  }
  return digestMd5({ user: saslUser, password })
}

const firstLine = (path: string): string => readText(path, path).split(/\r?\n/)[0] as string

/** The keys of Java's client (`ZKClientConfig`, `ClientX509Util`) that mean something here. */
class JavaProperties {
  readonly #values: ReadonlyMap<string, string>

  constructor(values: ReadonlyMap<string, string>) {
    this.#values = values
  }

  positive(key: string): number | undefined {
    const value = this.#values.get(key)
    if (value === undefined || !/^(0x[0-9a-f]+|\d+)$/i.test(value) || Number(value) === 0) return undefined
    return Number(value)
  }

  tls(): TlsConnectOptions | undefined {
    if (!this.#is('zookeeper.client.secure', false)) return undefined
    for (const key of ['zookeeper.ssl.crl', 'zookeeper.ssl.ocsp']) {
      // Whoever asks for it must not believe that it is done.
      if (this.#is(key, false)) throw refuse(`${key} is not supported: revoked certificates would not be noticed`)
    }
    const context = this.#values.get('zookeeper.ssl.context.supplier.class')
    if (context !== undefined) throw refuse(`zookeeper.ssl.context.supplier.class=${context} is code for Java`)
    return {
      ...keyStore(this.#store('keyStore')),
      ...trustStore(this.#store('trustStore')),
      verifyHostname: this.#is('zookeeper.ssl.hostnameVerification', true),
      minVersion: this.#minVersion(),
      ciphers: this.#ciphers(),
    }
  }

  sasl(): ClientSettings['sasl'] {
    if (!this.#is('zookeeper.sasl.client', true)) return undefined
    const path = this.#values.get('java.security.auth.login.config')
    if (path === undefined) return undefined
    const section = this.#values.get('zookeeper.sasl.clientconfig') ?? 'Client'
    const login = jaasLogin(readText(path, 'the JAAS configuration'), section)
    // Java's client goes on without, if there is no such section.
    if (login === null) return undefined
    if (typeof login === 'string') throw refuse(`${path}: ${login}`)
    const service = this.#values.get('zookeeper.sasl.client.username') ?? 'zookeeper'
    if (login.mechanism === 'DIGEST-MD5') return digestMd5({ ...login, protocol: service })
    const principal = {
      whole: this.#values.get('zookeeper.server.principal') ?? null,
      service,
      realm: this.#values.get('zookeeper.server.realm') ?? null,
      canonical: this.#is('zookeeper.sasl.client.canonicalize.hostname', true),
    }
    return kerberosLogin(login, principal, this.#values.get('java.security.krb5.conf') ?? null)
  }

  #store(name: 'keyStore' | 'trustStore'): Store | undefined {
    const value = (key: string): string | undefined => this.#values.get(`zookeeper.ssl.${name}.${key}`)
    const location = value('location')
    if (location === undefined || location === '') return undefined
    if (value('type')?.toUpperCase() === 'BCFKS') throw refuse(`${location}: stores of type BCFKS are not supported`)
    const path = value('passwordPath')
    return { location, password: path === undefined ? (value('password') ?? '') : firstLine(path) }
  }

  /** In OpenSSL's names; undefined: those of Node.js. */
  #ciphers(): string | undefined {
    const names = this.#values.get('zookeeper.ssl.ciphersuites')?.split(',') ?? []
    if (names.length === 0) return undefined
    const { ciphers, unknown } = openSslCiphers(names.map((name) => name.trim()))
    if (unknown.length > 0) throw refuse(`zookeeper.ssl.ciphersuites: ${unknown.join(', ')} cannot be had`)
    return ciphers.join(':')
  }

  #minVersion(): TlsConnectOptions['minVersion'] {
    const names = this.#values.get('zookeeper.ssl.enabledProtocols') ?? this.#values.get('zookeeper.ssl.protocol') ?? ''
    const versions = (['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const).filter((version) =>
      names.split(',').some((name) => name.trim() === version),
    )
    return versions[0]
  }

  #is(key: string, fallback: boolean): boolean {
    return (this.#values.get(key) ?? String(fallback)).toLowerCase() === 'true'
  }
}
