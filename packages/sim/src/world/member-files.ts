import type { QuorumConfig } from '@vivarium/core'
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

/** A machine with a member's files. */
interface MemberMachine {
  readonly sid: number
  readonly config: ServerConfig
  readonly disk: SimDisk
}

/**
 * Who was away while all voters left the places where it knew them finds nobody who could tell it where they are: its
 * administrator writes that into its zoo.cfg, as for Apache's servers. (Nobody looks for one that has no vote.)
 *
 * @param lost those that have found no leader
 */
export function tellWhoMoved(lost: readonly MemberMachine[], all: readonly MemberMachine[]): void {
  const [latest] = all.map(membersOn).sort((a, b) => b.version - a.version) as [QuorumConfig]
  const places = new Map([...latest.voters].map((sid) => [sid, placeOf(latest, sid)]))
  for (const machine of lost) {
    const { sid, disk } = machine
    const known = membersOn(machine)
    if ([...places].some(([voter, place]) => placeOf(known, voter) === place)) continue
    const own = latest.members.has(sid) ? [] : known.lines().filter((line) => line.startsWith(`server.${sid}=`))
    disk.provide(DIRECTORY, 'zoo.cfg', zooCfg([...latest.lines(), ...own]))
  }
}

/** Where a voter is; null for who is none. */
function placeOf({ voters, members }: QuorumConfig, sid: number): string | null {
  return voters.has(sid) ? JSON.stringify(members.get(sid)?.addresses) : null
}

function membersOn({ config, sid, disk }: MemberMachine): QuorumConfig {
  return configFromFiles(config, sid, disk).ensemble as QuorumConfig
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
