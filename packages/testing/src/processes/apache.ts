import { copyFileSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { madeOnce, run } from './install.ts'
import type { ServerKind } from './server-kind.ts'

export const APACHE_VERSION = '3.9.5'

/** Our logging configuration for Apache's programs: on standard error, from warnings on (`-Dzk.log=`). */
export const APACHE_CONFIGURATION = fileURLToPath(new URL('../../apache', import.meta.url))

const POM = join(APACHE_CONFIGURATION, 'pom.xml')

/**
 * The folder with Apache ZooKeeper's jars (`apache-3.9.5/lib` of the cache), fetched with Maven the first time.
 *
 * @throws {PeerUnavailable} if there is no Maven, or it fails
 */
export function apacheJars(cache = join(homedir(), '.cache', 'vivarium')): string {
  const made = madeOnce(join(cache, `apache-${APACHE_VERSION}`), [readFileSync(POM, 'utf8')], (folder) => {
    copyFileSync(POM, join(folder, 'pom.xml'))
    const args = ['-q', '-B', '-f', join(folder, 'pom.xml'), 'dependency:copy-dependencies']
    run('mvn', [...args, `-DoutputDirectory=${join(folder, 'lib')}`])
  })
  return join(made, 'lib')
}

/** The class path for anything of Apache's, with our logging configuration first. */
export function apacheClassPath(jars: string, ...more: string[]): string {
  return [...more, APACHE_CONFIGURATION, join(jars, '*')].join(delimiter)
}

/**
 * The arguments of `java` that run a class of Apache's.
 *
 * @param properties system properties, by full name
 */
export function apacheJava(
  jars: string,
  mainClass: string,
  args: readonly string[],
  properties: Readonly<Record<string, string>> = {},
): string[] {
  const defined = Object.entries(properties).map(([key, value]) => `-D${key}=${value}`)
  // The serial collector and the first compiler only: a test's JVM lives for seconds, and there are many.
  const machine = ['-Xmx1g', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1']
  return [...machine, ...defined, '-cp', apacheClassPath(jars), mainClass, ...args]
}

export interface ApacheOptions {
  /** A folder with the jars of a release (`lib` of the distribution). Default: fetched with Maven, once. */
  readonly jars?: string | undefined
  /** Where what Maven fetches is kept. Default: `~/.cache/vivarium`. */
  readonly cache?: string | undefined
}

/**
 * Apache's servers, run by the `java` on the path.
 *
 * @throws {PeerUnavailable} from `startServer` and `startEnsemble`, if the jars cannot be had
 */
export function apache({ jars, cache }: ApacheOptions = {}): ServerKind {
  return {
    name: 'apache',
    systemInConfig: false,
    command: (configFile, system) => ({
      file: 'java',
      args: apacheJava(jars ?? apacheJars(cache), 'org.apache.zookeeper.server.quorum.QuorumPeerMain', [configFile], {
        'zookeeper.admin.enableServer': 'false',
        ...system,
      }),
    }),
  }
}
