export { eventually } from './eventually.ts'
export { fourLetterWord, modeOf } from './four-letter-word.ts'
export { freePort } from './network/free-port.ts'
export { Link } from './network/link.ts'
export { type Way, Wire } from './network/wire.ts'
export type { StartOptions } from './options.ts'
export {
  APACHE_CONFIGURATION,
  APACHE_VERSION,
  type ApacheOptions,
  apache,
  apacheClassPath,
  apacheJars,
  apacheJava,
} from './processes/apache.ts'
export { madeOnce, PeerUnavailable, run } from './processes/install.ts'
export { commandKind, type ServerKind, VIVARIUM } from './processes/server-kind.ts'
export { type ServerOptions, ServerProcess } from './processes/server-process.ts'
export { expireSession, type WhichSession } from './sessions/expire.ts'
export { type EnsembleOptions, startEnsemble } from './start-ensemble.ts'
export { SingleServer, startServer } from './start-server.ts'
export { TestEnsemble, type Who } from './test-ensemble.ts'
export { TestServer } from './test-server.ts'
