export type { AuthProvider, AuthResult, Identity } from '@vivarium/core'
export { FULL_VERSION } from './admin/version.ts'
export {
  type ConfigEntry,
  type ConfigFile,
  type ConfigOverrides,
  type LoadedConfig,
  loadConfig,
} from './config/load-config.ts'
export { parseProperties } from './config/properties.ts'
export { type ConfigValues, createServerConfig, type ServerConfig } from './config/server-config.ts'
export { type SystemProperty, systemProperties } from './config/system-properties.ts'
export type { HttpHandler, HttpService } from './http/http-service.ts'
export type { SaslInitiator } from './sasl/exchange.ts'
export { parseJaas } from './sasl/jaas-file.ts'
export { Kerberos } from './sasl/kerberos/kerberos.ts'
export { isKerberos, type KerberosSection, kerberosSection } from './sasl/kerberos/kerberos-section.ts'
export { childNames } from './serving/child-names.ts'
export type { Server } from './serving/server.ts'
export type { ServerEnv } from './serving/server-env.ts'
export { StandaloneServer } from './standalone/standalone-server.ts'
export { StartError, type StartErrorCode } from './start-error.ts'
export { startProblems } from './start-problems.ts'
export { type RunningServer, type StartOptions, startServer } from './start-server.ts'
export { openSslCiphers } from './tls/cipher-suites.ts'
export { type KeyPair, type KeyStore, keyPairOf, readKeyStore } from './tls/key-store.ts'
export { KeyStoreError } from './tls/key-store-error.ts'
export { ownCertificates } from './tls/own-certificates.ts'
