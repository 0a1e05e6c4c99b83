import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { madeOnce } from '@vivarium/testing'

export { PeerUnavailable, run } from '@vivarium/testing'

/** The folder of this package, and of the repository. */
export const PACKAGE = fileURLToPath(new URL('..', import.meta.url))
export const REPOSITORY = join(PACKAGE, '..', '..')

/** Where peers are installed: below the repository, unless `VIVARIUM_INTEROP_CACHE` says otherwise. */
export const CACHE = process.env.VIVARIUM_INTEROP_CACHE || join(REPOSITORY, '.cache', 'interop')

/** Makes a folder of the cache once: see `madeOnce` of the testing kit. */
export function cached(name: string, key: readonly string[], make: (folder: string) => void): string {
  return madeOnce(join(CACHE, name), key, make)
}
