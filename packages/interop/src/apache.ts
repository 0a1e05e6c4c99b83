import { copyFileSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { cached, PACKAGE, run } from './install.ts'

export const APACHE_VERSION = '3.9.5'

const POM = join(PACKAGE, 'apache', 'pom.xml')

/** The folder with Apache ZooKeeper's jars, fetched with Maven the first time. */
export function apacheFolder(): string {
  return cached(`apache-${APACHE_VERSION}`, [readFileSync(POM, 'utf8')], (folder) => {
    copyFileSync(POM, join(folder, 'pom.xml'))
    const args = ['-q', '-B', '-f', join(folder, 'pom.xml'), 'dependency:copy-dependencies']
    run('mvn', [...args, `-DoutputDirectory=${join(folder, 'lib')}`])
  })
}

/** The class path for anything of Apache's, with our logging configuration first. */
export function apacheClassPath(...more: string[]): string {
  return [...more, join(PACKAGE, 'apache'), join(apacheFolder(), 'lib', '*')].join(delimiter)
}

/**
 * The arguments of `java` that run a class of Apache's.
 *
 * @param properties system properties, by full name
 */
export function apacheJava(
  mainClass: string,
  args: readonly string[],
  properties: Record<string, string> = {},
): string[] {
  const defined = Object.entries(properties).map(([key, value]) => `-D${key}=${value}`)
  // The serial collector and the first compiler only: a test's JVM lives for seconds, and there are many.
  return [
    '-Xmx1g',
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    ...defined,
    '-cp',
    apacheClassPath(),
    mainClass,
    ...args,
  ]
}
