import { isAbsolute } from 'node:path'
import { inTwoPlaces } from '../tls/inline-store.ts'
import type { ConfigMessage } from './config-message.ts'
import { applyEnsembleLines, checkEnsemble, type ReadFile } from './ensemble.ts'
import { isEnsembleLine } from './ensemble-lines.ts'
import type { Key, KeySupport } from './key.ts'
import { activeKeys, keyNamed, keyNames } from './keys.ts'
import { nearestName } from './nearest-name.ts'
import { PRODUCT_DEFAULTS } from './product-defaults.ts'
import { hideValues, parseProperties } from './properties.ts'
import { type ConfigValues, createServerConfig, type ServerConfig } from './server-config.ts'
import { Settings } from './settings.ts'
import { strayLines } from './stray-lines.ts'
import { splitDefinition, systemProperties } from './system-properties.ts'

export interface ConfigFile {
  /** As it appears in messages. */
  readonly path: string
  readonly text: string
}

export interface ConfigOverrides {
  /** `port datadir [ticktime] [maxcnxns]`, instead of a file. */
  readonly positional?: readonly string[]
  /** `key=value` from the command line. They win over everything else. */
  readonly definitions?: readonly string[]
  /** Environment variables: of these JVMFLAGS and SERVER_JVMFLAGS count, and lose to the file, as in Java. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** Where the data goes when nothing says so. */
  readonly defaultDataDir?: string
  /** Reads a file that the configuration names (`dynamicConfigFile`, `myid`); undefined when there is none. */
  readonly readFile?: ReadFile
}

/** One key, for those who ask what the server will run with. */
export interface ConfigEntry {
  readonly name: string
  /** As it would be written in a zoo.cfg; a secret is not shown. */
  readonly text: string
  /** Where it was set; null for a default. */
  readonly place: string | null
  readonly doc: string
  /** Its default, as it would be written. */
  readonly default: string
  readonly support: KeySupport
  /** What happens instead, where that can be said; else null. */
  readonly instead: string | null
}

export interface LoadedConfig {
  /** Null when one of the messages is an error. */
  readonly config: ServerConfig | null
  readonly messages: readonly ConfigMessage[]
  /** The keys that this version obeys, in the order of their tables. */
  readonly entries: readonly ConfigEntry[]
  /** Keys that were set, and that this version does not obey: `support` says what becomes of each. */
  readonly others: readonly ConfigEntry[]
}

/**
 * Makes a configuration from a zoo.cfg (undefined: there is none), the command line and the environment. With neither a
 * file nor positional arguments the product's own defaults hold; with either, Java's.
 *
 * @example
 * const { config, messages } = loadConfig({ path: 'zoo.cfg', text: 'dataDir=/var/lib/zk\nclientPort=2181' })
 */
export function loadConfig(file: ConfigFile | undefined, overrides: ConfigOverrides = {}): LoadedConfig {
  const settings = new Settings()
  const positional = overrides.positional ?? []
  if (file === undefined && positional.length === 0) applyProductDefaults(settings, overrides.defaultDataDir)
  for (const { key, value, variable } of systemProperties(overrides.environment ?? {})) {
    if (!settings.setOneOfMany(key.replace(/^zookeeper\./, ''), value, variable)) {
      settings.set(key, value, variable, 'environment')
    }
  }
  if (file !== undefined) applyFile(settings, file, overrides.readFile)
  else applyPositional(settings, positional)
  for (const definition of overrides.definitions ?? []) applyDefinition(settings, definition)
  settings.reportUnsupported()

  const config = createServerConfig({
    ...fieldValues(settings),
    configFile: file?.path ?? null,
    initialConfig: hideValues(file?.text ?? '', isSecret),
    ensembleAuthEnabled: settings.ensembleAuthEnabled,
    x509AuthEnabled: settings.x509AuthEnabled,
    saslAuthEnabled: settings.saslAuthEnabled,
    saslSuperUsers: settings.saslSuperUsers,
    authModules: settings.authModules,
    ensemble: settings.ensemble,
    proposedEnsemble: settings.proposedEnsemble,
  })
  checkTogether(settings, config)
  const failed = settings.messages.some(({ level }) => level === 'error')
  return {
    config: failed ? null : config,
    messages: settings.messages,
    entries: entriesOf(settings, config),
    others: othersOf(settings),
  }
}

/** Whether the value of a key is to be seen by nobody, nor that of one which was probably meant to be such a key. */
function isSecret(name: string): boolean {
  const plain = name.replace(/^zookeeper\./, '')
  const key = keyNamed(plain) ?? keyNamed(nearestName(plain, keyNames()) ?? '')
  return key?.secret === true
}

function applyProductDefaults(settings: Settings, dataDir: string | undefined): void {
  for (const [name, text] of PRODUCT_DEFAULTS) settings.set(name, text, 'no configuration', 'product')
  if (dataDir !== undefined) settings.set('dataDir', dataDir, 'no configuration', 'product')
}

function applyFile(settings: Settings, file: ConfigFile, readFile: ReadFile | undefined): void {
  const { properties, errors } = parseProperties(file.text)
  for (const { line, problem } of errors) settings.say('error', `${file.path}:${line}`, problem)
  const stray = strayLines(properties)
  const [first] = stray
  if (first !== undefined) {
    const problem = 'this is no key; if it is more of what is above, each line but the last has to end in a backslash'
    settings.say('error', `${file.path}:${first.line}`, problem)
  }
  const seen = new Map<string, number>()
  for (const property of properties) {
    if (stray.has(property)) continue
    const { key, value, line } = property
    const place = `${file.path}:${line}`
    const earlier = seen.get(key)
    if (earlier !== undefined) settings.say('warn', place, `${key} is set again: the value of line ${earlier} is lost`)
    seen.set(key, line)
    if (isEnsembleLine(key) || settings.setOneOfMany(key, value, place)) continue
    settings.set(key, value, place, 'file')
  }
  applyEnsembleLines(settings, file.path, properties, readFile)
}

const POSITIONAL = ['clientPort', 'dataDir', 'tickTime', 'maxClientCnxns'] as const

function applyPositional(settings: Settings, positional: readonly string[]): void {
  if (positional.length === 0) return
  if (positional.length < 2 || positional.length > POSITIONAL.length) {
    settings.say(
      'error',
      null,
      `expected a zoo.cfg, or: port datadir [ticktime] [maxcnxns]; got ${positional.join(' ')}`,
    )
    return
  }
  // As in Java, this form has no limit of its own on connections (ServerConfig.maxClientCnxns).
  const texts = [positional[0]!, positional[1]!, positional[2], positional[3] ?? '0']
  for (const [index, text] of texts.entries()) {
    if (text !== undefined) settings.set(POSITIONAL[index]!, text, 'argument', 'argument')
  }
}

function applyDefinition(settings: Settings, definition: string): void {
  const { key, value } = splitDefinition(definition)
  const place = `-D ${key}`
  if (isEnsembleLine(key)) settings.say('error', place, 'the servers of an ensemble can only be named in a file')
  else if (!settings.setOneOfMany(key.replace(/^zookeeper\./, ''), value, place))
    settings.set(key, value, place, 'option')
}

function fieldValues(settings: Settings): ConfigValues {
  const values: Record<string, unknown> = {}
  for (const [field, key] of Object.entries<Key<unknown>>(activeKeys)) {
    const setting = settings.settings.get(key)
    if (setting !== undefined) values[field] = setting.value
  }
  return values as ConfigValues
}

/** What no key can be checked for alone. */
function checkTogether(settings: Settings, config: ServerConfig): void {
  const placeOf = (key: Key<unknown>): string | null => settings.settings.get(key)?.place ?? null
  if (config.dataDir === '') settings.say('error', config.configFile, 'dataDir is not set')
  if (config.clientPort === null) {
    const place = placeOf(activeKeys.clientPortAddress)
    if (place !== null) settings.say('error', place, 'clientPortAddress is set but clientPort is not set')
    else if (config.secureClientPort === null) {
      // Members do without, as in Java; one that is not in its dynamic file any more learns that next.
      const level = config.ensemble === null ? 'error' : 'warn'
      settings.say(level, config.configFile, 'clientPort is not set: no client could connect')
    }
  }
  if (config.secureClientPort === null && config.secureClientPortAddress !== null) {
    const place = placeOf(activeKeys.secureClientPortAddress)
    settings.say('error', place, 'secureClientPortAddress is set but secureClientPort is not set')
  }
  if (config.ensemble !== null) checkEnsemble(settings, config, placeOf)
  checkQuorumSasl(settings, config, placeOf)
  checkStores(settings, config, placeOf)
  if (config.adminNeedClientAuth && !config.adminForceHttps && !config.adminPortUnification) {
    // Java would take commands from anybody.
    const place = placeOf(activeKeys.adminNeedClientAuth)
    settings.say('error', place, 'admin.needClientAuth needs admin.forceHttps or admin.portUnification')
  }
  if (config.minSessionTimeoutMs > config.maxSessionTimeoutMs) {
    const place = placeOf(activeKeys.minSessionTimeoutMs) ?? placeOf(activeKeys.maxSessionTimeoutMs)
    const { minSessionTimeoutMs: min, maxSessionTimeoutMs: max } = config
    settings.say('error', place, `minSessionTimeout (${min} ms) must not be larger than maxSessionTimeout (${max} ms)`)
  }
  for (const key of [activeKeys.dataDir, activeKeys.dataLogDir]) {
    const setting = settings.settings.get(key)
    const value = String(setting?.value ?? '/')
    if (setting === undefined || isAbsolute(value) || value.startsWith('./')) continue
    settings.say(
      'warn',
      setting.place,
      `${key.name}: ${value} is relative to where the server is started; write ./${value} if that is meant`,
    )
  }
}

/** What is required must be there (QuorumPeerConfig.parseProperties). */
function checkQuorumSasl(
  settings: Settings,
  config: ServerConfig,
  placeOf: (key: Key<unknown>) => string | null,
): void {
  const { quorumSaslEnabled, quorumLearnerRequiresSasl, quorumServerRequiresSasl } = config
  if (quorumLearnerRequiresSasl && !quorumSaslEnabled) {
    const place = placeOf(activeKeys.quorumLearnerRequiresSasl)
    settings.say('error', place, 'quorum.auth.learnerRequireSasl needs quorum.auth.enableSasl=true')
  }
  if (quorumServerRequiresSasl && !quorumLearnerRequiresSasl) {
    const place = placeOf(activeKeys.quorumServerRequiresSasl)
    settings.say('error', place, 'quorum.auth.serverRequireSasl needs quorum.auth.learnerRequireSasl=true')
  }
}

const STORES = ['clientTlsKeyStore', 'clientTlsTrustStore', 'quorumTlsKeyStore', 'quorumTlsTrustStore'] as const

function checkStores(settings: Settings, config: ServerConfig, placeOf: (key: Key<unknown>) => string | null): void {
  for (const store of STORES) {
    if (!config[`${store}Location`] || !config[`${store}Inline`]) continue
    const [location, inline] = [activeKeys[`${store}Location`], activeKeys[`${store}Inline`]]
    settings.say('error', placeOf(inline), inTwoPlaces(inline.name, location.name))
  }
}

function entriesOf(settings: Settings, config: ServerConfig): ConfigEntry[] {
  return Object.entries<Key<unknown>>(activeKeys).map(([field, key]) =>
    entryOf(key, config[field as keyof typeof activeKeys], settings.settings.get(key)?.place ?? null),
  )
}

function othersOf({ settings }: Settings): ConfigEntry[] {
  const active = new Set(Object.values<Key<unknown>>(activeKeys))
  return [...settings].filter(([key]) => !active.has(key)).map(([key, { value, place }]) => entryOf(key, value, place))
}

function entryOf(key: Key<unknown>, value: unknown, place: string | null): ConfigEntry {
  const { name, doc, support, instead, secret } = key
  return {
    name,
    text: secret && value !== null && value !== '' ? '(set)' : key.type.format(value),
    place,
    doc,
    default: key.type.format(key.default),
    support,
    instead,
  }
}
