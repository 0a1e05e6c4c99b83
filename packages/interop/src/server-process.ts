import { apache, type ServerKind } from '@vivarium/testing'
import { CACHE } from './install.ts'

export { commandKind, freePort, type ServerKind, type ServerOptions, ServerProcess, VIVARIUM } from '@vivarium/testing'

/** Apache's server, with the jars of the interop cache. */
export const APACHE = apache({ cache: CACHE })

/** What lets a server have containers and znodes with a TTL, by the name that such a server knows it by. */
export const extendedTypes = ({ systemInConfig }: ServerKind): Record<string, string> => ({
  [systemInConfig ? 'extendedTypesEnabled' : 'zookeeper.extendedTypesEnabled']: 'true',
})
