import type { QuorumConfig } from '@vivarium/core'
import type { Key } from './key.ts'
import { activeKeys } from './keys.ts'

type Values<Keys> = { readonly [Field in keyof Keys]: Keys[Field] extends Key<infer Value> ? Value : never }

/**
 * What a server is told, checked and complete. Field names carry their units; the keys of a zoo.cfg that they stand
 * for are in `keys/`. Defaults that hang on other keys are resolved: `minSessionTimeoutMs` is never -1 here.
 */
export interface ServerConfig extends Values<typeof activeKeys> {
  /** Where the configuration came from: the path of a file, null without one. */
  readonly configFile: string | null
  /** The text of that file (the admin command `initial_configuration`). */
  readonly initialConfig: string
  /** The members of the ensemble that the server belongs to; null: it stands alone. */
  readonly ensemble: QuorumConfig | null
  /** A later configuration, which was proposed before the server stopped; null: there is none. */
  readonly proposedEnsemble: QuorumConfig | null
  /** Whether an `authProvider.x` line names EnsembleAuthenticationProvider. */
  readonly ensembleAuthEnabled: boolean
  /** Whether one names X509AuthenticationProvider. */
  readonly x509AuthEnabled: boolean
  /** Whether one names SASLAuthenticationProvider. */
  readonly saslAuthEnabled: boolean
  /** The modules with providers of one's own that such lines name, by path. */
  readonly authModules: readonly string[]
  /** SASL users who may do everything (`superUser`, `superUser.x`). */
  readonly saslSuperUsers: ReadonlySet<string>
  /** Clients need an identity of one of these schemes; null: of none. */
  readonly requiredSchemes: readonly string[] | null
  /** Whether `snapCount` was set; otherwise snapshots also wait until the log is worth one. */
  readonly snapCountGiven: boolean
  /**
   * Whether anything asks for an admin server, as Java has one at any rate. Then it must be had, or the server does not
   * start; without, it is a convenience that may fail.
   */
  readonly adminServerAsked: boolean
}

/** Where the admin server listens unless told: it takes commands from anybody, which Java offers to the whole network. */
const ADMIN_ADDRESS = '127.0.0.1'

/** The values of keys, by field; those left out have their default. */
export type ConfigValues = Partial<ServerConfig>

/** Java raises a smaller `jute.maxbuffer.extrasize` to this (BinaryInputArchive). */
const LEAST_EXTRA_BYTES = 1024

/**
 * A configuration with Java's defaults for all that `values` does not say, and with the defaults that hang on other
 * keys resolved. It checks nothing: texts come through `loadConfig`.
 *
 * @example createServerConfig({ dataDir: '/tmp/zk', clientPort: 0 }).minSessionTimeoutMs // 6000
 */
export function createServerConfig(values: ConfigValues): ServerConfig {
  const defaults = Object.fromEntries(
    Object.entries<Key<unknown>>(activeKeys).map(([field, key]) => [field, key.default]),
  )
  const given = { ...(defaults as Values<typeof activeKeys>), ...values }
  const { tickTimeMs, juteMaxBufferBytes, connectionThrottleLocalSessionWeight: localWeight } = given
  const globalWeight = Math.max(given.connectionThrottleGlobalSessionWeight, localWeight)
  // With weights on, the tokens that are configured are meant for new sessions (BlueThrottle).
  const tokenWeight = given.connectionThrottleWeightEnabled ? globalWeight : 1
  const extraBytes = given.juteExtraSizeBytes === -1 ? juteMaxBufferBytes : given.juteExtraSizeBytes
  return Object.freeze({
    configFile: null,
    initialConfig: '',
    ensemble: null,
    proposedEnsemble: null,
    ensembleAuthEnabled: false,
    x509AuthEnabled: false,
    saslAuthEnabled: false,
    authModules: [],
    snapCountGiven: values.snapCount !== undefined,
    adminServerAsked:
      values.adminServerEnabled ??
      (values.adminServerPort !== undefined ||
        values.adminServerAddress !== undefined ||
        given.adminForceHttps ||
        given.adminPortUnification),
    ...given,
    saslSuperUsers: new Set([...(values.saslSuperUsers ?? []), ...[given.saslSuperUser ?? []].flat()]),
    // SASL, if it is required, is required alone (AuthenticationHelper).
    requiredSchemes: given.sessionRequiresSasl ? ['sasl'] : given.enforceAuthEnabled ? given.enforceAuthSchemes : null,
    adminServerAddress: values.adminServerAddress ?? ADMIN_ADDRESS,
    dataLogDir: given.dataLogDir === '' ? given.dataDir : given.dataLogDir,
    minSessionTimeoutMs: given.minSessionTimeoutMs === -1 ? tickTimeMs * 2 : given.minSessionTimeoutMs,
    maxSessionTimeoutMs: given.maxSessionTimeoutMs === -1 ? tickTimeMs * 20 : given.maxSessionTimeoutMs,
    juteExtraSizeBytes: Math.max(LEAST_EXTRA_BYTES, extraBytes),
    connectionThrottleGlobalSessionWeight: globalWeight,
    connectionThrottleRenewSessionWeight: Math.max(given.connectionThrottleRenewSessionWeight, localWeight),
    connectionThrottleTokens: given.connectionThrottleTokens * tokenWeight,
    maxWriteQueuePollTimeMs:
      given.maxWriteQueuePollTimeMs === -1 ? Math.floor(given.flushDelayMs / 3) : given.maxWriteQueuePollTimeMs,
    connectionThrottleFillCount: given.connectionThrottleFillCount * tokenWeight,
  })
}
