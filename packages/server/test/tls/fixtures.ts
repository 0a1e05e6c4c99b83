import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The files were written once, by `fixtures/make.sh`; compiled tests stand in dist-test. */
const FOLDER = fileURLToPath(new URL('../../test/tls/fixtures/', import.meta.url))

/** What opens those files that are locked. */
export const PASSWORD = 'changeit'

/** The path of a file: `server.pem`. */
export const fixture = (name: string): string => `${FOLDER}${name}`

export const fixtureBytes = (name: string): Buffer => readFileSync(fixture(name))

export const fixtureText = (name: string): string => readFileSync(fixture(name), 'latin1')
