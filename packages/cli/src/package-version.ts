import { readFileSync } from 'node:fs'

/** Where this package is; from here it is as far in `dist` as in `bundle`. */
export const PACKAGE_ROOT = new URL('../', import.meta.url)

/** The version of this package, which is that of all packages of Vivarium. */
export function packageVersion(): string {
  const text = readFileSync(new URL('package.json', PACKAGE_ROOT), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
