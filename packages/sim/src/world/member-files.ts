import { loadConfig, type ServerConfig } from '@vivarium/server'
import type { SimDisk } from './disk.ts'
import { CLIENT_PORT } from './random-config.ts'

const DIRECTORY = '/conf'
const ZOO_CFG = `${DIRECTORY}/zoo.cfg`

/**
 * The configuration of a member as its files have it, which the member writes anew whenever the members change. One that
 * finds itself left out is given a zoo.cfg by its administrator, with which it can follow the others and join again.
 *
 * @param config all that does not change; and the members with which it started the first time
 */
export function configFromFiles(config: ServerConfig, sid: number, disk: SimDisk): ServerConfig {
  const ensemble = config.ensemble as NonNullable<ServerConfig['ensemble']>
  const own = ensemble.lines().find((line) => line.startsWith(`server.${sid}=`)) as string
  if (!disk.memory.names('/').includes(DIRECTORY.slice(1))) disk.provide(DIRECTORY, 'zoo.cfg', zooCfg(ensemble.lines()))
  const found = read(config, sid, disk)
  if (found.ensemble?.members.has(sid) === true) return found
  disk.provide(DIRECTORY, 'zoo.cfg', zooCfg([...(found.ensemble?.lines() ?? []), own]))
  return read(config, sid, disk)
}

function zooCfg(servers: readonly string[]): string {
  const rest = ['dataDir=/data', `clientPort=${CLIENT_PORT}`, 'initLimit=1', 'syncLimit=1', 'standaloneEnabled=false']
  return [...rest, ...servers, ''].join('\n')
}

function read(config: ServerConfig, sid: number, { memory }: SimDisk): ServerConfig {
  const names = memory.names(DIRECTORY).map((name) => `${DIRECTORY}/${name}`)
  const textOf = (path: string): string => Buffer.from(memory.contents(path)).toString()
  const readFile = (path: string): string | undefined =>
    path === '/data/myid' ? String(sid) : names.includes(path) ? textOf(path) : undefined
  const { config: loaded, messages } = loadConfig({ path: ZOO_CFG, text: textOf(ZOO_CFG) }, { readFile })
  if (loaded === null) throw new Error(messages.map(({ text }) => text).join('; '))
  const { ensemble, proposedEnsemble, dynamicConfigFile, configFile } = loaded
  return { ...config, ensemble, proposedEnsemble, dynamicConfigFile, configFile }
}
