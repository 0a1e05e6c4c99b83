import { apache } from '@vivarium/testing'
import { CACHE } from './install.ts'

export { commandKind, freePort, type ServerKind, type ServerOptions, ServerProcess, VIVARIUM } from '@vivarium/testing'

/** Apache's server, with the jars of the interop cache. */
export const APACHE = apache({ cache: CACHE })
