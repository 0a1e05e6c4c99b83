import { join } from 'node:path'
import { parseQuorumConfig, type QuorumConfig } from '@vivarium/core'
import { isEnsembleLine, type ServerLine, serverLines } from './ensemble-lines.ts'
import type { Key } from './key.ts'
import { activeKeys, keyNamed } from './keys.ts'
import { type Property, parseProperties } from './properties.ts'
import type { ServerConfig } from './server-config.ts'
import type { Settings } from './settings.ts'
import { versionOfDynamicFile } from './static-config.ts'

/** The text of a file, undefined when it does not exist or cannot be read. */
export type ReadFile = (path: string) => string | undefined

/**
 * Decides whether the file describes an ensemble, or one server that stands alone (QuorumPeerConfig.parseDynamicConfig and isDistributed).
 */
export function applyEnsembleLines(
  settings: Settings,
  path: string,
  properties: readonly Property[],
  readFile: ReadFile | undefined,
): void {
  const dynamic = dynamicFile(settings, properties, readFile)
  if (dynamic === null) return
  const lines = dynamic ?? { path, properties }
  const place = (property: Property): string => `${lines.path}:${property.line}`
  const servers = serverLines(lines.properties)
  const voters = servers.filter(({ observer }) => !observer)
  const standaloneEnabled = valueNamed(settings, 'standaloneEnabled') !== false
  const first = servers[0]
  if (first === undefined) {
    if (!standaloneEnabled)
      settings.say('error', path, 'standaloneEnabled is false, but no server.N line says who the servers are')
    return
  }
  if (voters.length > 1 || !standaloneEnabled) {
    const config = parseQuorumConfig(
      lines.properties
        .filter(({ key }) => isEnsembleLine(key))
        .map(({ key, value }) => `${key}=${value}`)
        .join('\n'),
    )
    if (typeof config === 'string') settings.say('error', place(first.property), config)
    else if (voters.length === 0)
      settings.say('error', place(first.property), 'observers without participants are not allowed')
    else if (dynamic === undefined) settings.ensemble = config
    else {
      settings.ensemble = config.withVersion(versionOfDynamicFile(dynamic.path))
      settings.proposedEnsemble = proposedConfig(settings, path, readFile)
    }
    for (const server of servers) applyClientAddress(settings, server, place(server.property), readFile)
    return
  }
  if (voters.length < servers.length) {
    const observer = servers.find((server) => server.observer)!
    const missing = voters.length === 0 ? 'participants' : 'a quorum'
    settings.say('error', place(observer.property), `observers without ${missing} are not allowed`)
    return
  }
  // Logged as an error by Java, which goes on too: some installers always write one such line (HBase did).
  settings.say('warn', place(first.property), 'only one server is named: it runs standalone, and the line is ignored')
  applyClientAddress(settings, first, place(first.property), readFile)
}

/** Undefined: there is none; null: it is unusable, and that has been said. */
function dynamicFile(
  settings: Settings,
  properties: readonly Property[],
  readFile: ReadFile | undefined,
): { path: string; properties: readonly Property[] } | null | undefined {
  const key = keyNamed('dynamicConfigFile')!
  const setting = settings.settings.get(key)
  if (setting === undefined) return undefined
  const misplaced = properties.find((property) => isEnsembleLine(property.key))
  if (misplaced !== undefined) {
    settings.say(
      'error',
      setting.place,
      `${misplaced.key} (line ${misplaced.line}) must be in the file that dynamicConfigFile names`,
    )
    return null
  }
  const path = String(setting.value)
  const text = readFile?.(path)
  if (text === undefined) {
    settings.say('error', setting.place, `dynamicConfigFile: ${path} cannot be read`)
    return null
  }
  const parsed = parseProperties(text)
  for (const { line, problem } of parsed.errors) settings.say('error', `${path}:${line}`, problem)
  for (const { key, line } of parsed.properties) {
    if (!isEnsembleLine(key))
      settings.say('error', `${path}:${line}`, `${key} is not allowed in a dynamic configuration file`)
  }
  return { path, properties: parsed.properties }
}

/** What was proposed and not in force when the server stopped (QuorumPeerConfig.parse). */
function proposedConfig(settings: Settings, path: string, readFile: ReadFile | undefined): QuorumConfig | null {
  const next = `${path}.dynamic.next`
  const text = readFile?.(next)
  if (text === undefined) return null
  const config = parseQuorumConfig(text)
  if (typeof config !== 'string') return config
  settings.say('warn', next, `it is ignored: ${config}`)
  return null
}

/** The client port may stand behind the semicolon of the server's own line (QuorumPeerConfig.setupClientPort). */
function applyClientAddress(
  settings: Settings,
  server: ServerLine,
  place: string,
  readFile: ReadFile | undefined,
): void {
  if (server.clientAddress === null) return
  const dataDir = settings.settings.get(activeKeys.dataDir)?.value
  const myId = typeof dataDir === 'string' ? readFile?.(join(dataDir, 'myid'))?.split('\n', 1)[0]?.trim() : undefined
  if (myId !== server.id) return
  const { host, port } = server.clientAddress
  const configured = settings.settings.get(activeKeys.clientPort)
  if (configured !== undefined && configured.value !== port) {
    settings.say('error', configured.place, `clientPort differs from the client port of server.${server.id} (${place})`)
    return
  }
  settings.set('clientPort', String(port), place, 'file')
  if (host !== null) settings.set('clientPortAddress', host, place, 'file')
}

/** What a member of an ensemble needs, and what it cannot be asked for. */
export function checkEnsemble(
  settings: Settings,
  config: ServerConfig,
  placeOf: (key: Key<unknown>) => string | null,
): void {
  const { configFile } = config
  if (config.initLimit <= 0) settings.say('error', placeOf(activeKeys.initLimit) ?? configFile, 'initLimit is not set')
  if (config.syncLimit <= 0) settings.say('error', placeOf(activeKeys.syncLimit) ?? configFile, 'syncLimit is not set')
  const several = [...config.ensemble!.members.values()].find(({ addresses }) => addresses.length > 1)
  if (several !== undefined && !config.multiAddressEnabled) {
    const text = `server.${several.sid} has several addresses, which takes multiAddress.enabled=true on all members`
    settings.say('error', configFile, text)
  }
  if (config.oraclePath === null) return
  const place = placeOf(activeKeys.oraclePath) ?? configFile
  const { hierarchy, voters } = config.ensemble!
  // Java forgets the groups then, and counts heads.
  if (hierarchy !== null) settings.say('error', place, 'oraclePath and groups exclude each other')
  else if (voters.size !== 2)
    settings.say('warn', place, `oraclePath has no say: it is for two voters, and there are ${voters.size}`)
}

const valueNamed = (settings: Settings, name: string): unknown => settings.settings.get(keyNamed(name)!)?.value
