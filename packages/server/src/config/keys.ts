import type { Key } from './key.ts'
import { memberKeys, otherEnsembleKeys } from './keys/ensemble-keys.ts'
import { javaKeys } from './keys/java-keys.ts'
import { limitKeys } from './keys/limit-keys.ts'
import { laterMonitoringKeys, monitoringKeys } from './keys/monitoring-keys.ts'
import { saslKeys } from './keys/sasl-keys.ts'
import { laterSecurityKeys, securityKeys } from './keys/security-keys.ts'
import { serverKeys } from './keys/server-keys.ts'
import { otherTlsKeys, tlsKeys } from './keys/tls-keys.ts'

/** The keys that this version obeys, by the field of `ServerConfig` that holds their value. */
export const activeKeys = {
  ...serverKeys,
  ...limitKeys,
  ...securityKeys,
  ...tlsKeys,
  ...saslKeys,
  ...memberKeys,
  ...monitoringKeys,
} as const

/** The keys that it knows of, but that do nothing here; what is said of each is its `support`. */
export const otherKeys: readonly Key<unknown>[] = [
  ...otherEnsembleKeys,
  ...laterSecurityKeys,
  ...otherTlsKeys,
  ...laterMonitoringKeys,
  ...javaKeys,
]

/** Every key. */
export const allKeys: readonly Key<unknown>[] = [...Object.values<Key<unknown>>(activeKeys), ...otherKeys]

const byName = new Map<string, Key<unknown>>()
for (const key of allKeys) for (const name of [key.name, ...key.aliases]) byName.set(name, key)

/** The key that is written as `name`, its aliases included. */
export const keyNamed = (name: string): Key<unknown> | undefined => byName.get(name)

/** Every name that a key can be written as. */
export const keyNames = (): Iterable<string> => byName.keys()

/** Keys that stand for many: `server.1`, `authProvider.x`. */
export const keyFamilies = {
  server: /^server\.(.+)$/,
  group: /^group\.?(.*)$/,
  weight: /^weight\.?(.*)$/,
  authProvider: /^authProvider\.(.+)$/,
  superUser: /^superUser\.(.+)$/,
  metricsProvider: /^metricsProvider\./,
} as const
