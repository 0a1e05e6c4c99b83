import * as kit from '@vivarium/testing'
import { CACHE } from './install.ts'

export { APACHE_CONFIGURATION, APACHE_VERSION } from '@vivarium/testing'

/** The folder of Apache ZooKeeper's jars, fetched with Maven the first time. */
export const apacheJars = (): string => kit.apacheJars(CACHE)

/** The class path for anything of Apache's, with our logging configuration first. */
export const apacheClassPath = (...more: string[]): string => kit.apacheClassPath(apacheJars(), ...more)

/**
 * The arguments of `java` that run a class of Apache's.
 *
 * @param properties system properties, by full name
 */
export function apacheJava(
  mainClass: string,
  args: readonly string[],
  properties: Readonly<Record<string, string>> = {},
): string[] {
  return kit.apacheJava(apacheJars(), mainClass, args, properties)
}
